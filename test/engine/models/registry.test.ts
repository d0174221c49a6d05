import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { channelMeans, message, writeModel } from '../../support/models.ts';

const bundled = new URL('../../../models', import.meta.url).pathname;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the bundled models', () => {
  test('are all usable and intact', async () => {
    const registry = openRegistry([bundled]);
    const models = await registry.list();

    expect(models.length).toBeGreaterThan(0);
    for (const { id, problem, categoryCount } of models) {
      expect(problem).toBeNull();
      const { labels, sha256, manifest } = await registry.get(id);
      expect(labels).toHaveLength(categoryCount);
      expect(sha256).toBe(manifest.sha256);
      expect(new Set(labels.map(({ name }) => name)).size).toBe(labels.length);
    }
    expect(await registry.defaultId()).toBe(models[0]!.id);
  });
});

describe('a folder dropped in', () => {
  test('is listed with its facts', async () => {
    writeModel(join(folder, 'anything'), channelMeans(), { outputs: { logits: 'logits', features: 'logits' } });
    const registry = openRegistry([join(folder, 'missing'), folder]);

    expect(await registry.list()).toMatchObject([
      { id: 'means', title: 'Channel means', categoryCount: 3, hasFeatures: true, problem: null },
    ]);
    expect(await registry.defaultId()).toBe('means');
    expect(await registry.get('means')).toMatchObject({ labels: [{ name: 'red', wordnetId: null }, {}, {}] });
  });

  test('appears without opening the registry again', async () => {
    const registry = openRegistry([folder]);
    expect(await registry.list()).toEqual([]);
    writeModel(join(folder, 'later'), channelMeans());

    expect(await registry.list()).toHaveLength(1);
  });

  test('with an id that is taken is shown with the reason, and the first stays', async () => {
    writeModel(join(folder, 'a'), channelMeans(), { title: 'First' });
    writeModel(join(folder, 'b'), channelMeans(), { title: 'Second' });
    const models = await openRegistry([folder]).list();

    expect(models.map(({ id, problem }) => [id === 'means', problem])).toEqual([
      [true, null],
      [false, 'Another model has the id "means"'],
    ]);
  });

  test('is passed over as the default when it cannot be used', async () => {
    writeModel(join(folder, 'a'), channelMeans(), { id: 'broken', sizeBytes: 1 });
    writeModel(join(folder, 'b'), channelMeans());

    expect(await openRegistry([folder]).defaultId()).toBe('means');
  });
});

test('an unknown model is not found', async () => {
  await expect(openRegistry([folder]).get('nobody')).rejects.toMatchObject({ code: 'model.not-found' });
});

describe('manifests', () => {
  test.each<[string, Record<string, unknown>]>([
    ['an unknown field', { colour: 'blue' }],
    ['another version', { version: 2 }],
    ['a file elsewhere', { file: '../model.onnx' }],
    ['an absolute label file', { labels: '/etc/passwd' }],
    ['both logits and scores', { outputs: { logits: 'logits', scores: 'logits' } }],
    ['neither logits nor scores', { outputs: {} }],
    ['a crop that is not the input', { input: { name: 'input', layout: 'NCHW', width: 9, height: 8 } }],
    ['a temperature of zero', { temperature: 0 }],
    ['two gigabytes', { sizeBytes: 2 ** 31 }],
  ])('with %s are invalid', async (_, changes) => {
    writeModel(join(folder, 'odd'), channelMeans(), changes);
    const registry = openRegistry([folder]);
    const [model] = await registry.list();

    expect(model!.problem).not.toBeNull();
    await expect(registry.get(model!.id)).rejects.toMatchObject({ code: 'model.invalid' });
  });

  test('that are not JSON are invalid', async () => {
    writeModel(join(folder, 'odd'), channelMeans());
    writeFileSync(join(folder, 'odd', 'model.json'), '{ version: 1 }');

    await expect(openRegistry([folder]).get('odd')).rejects.toMatchObject({ code: 'model.invalid' });
  });
});

describe('the ONNX file', () => {
  test('that differs in one byte is corrupt', async () => {
    writeModel(join(folder, 'means'), channelMeans(), { sha256: '0'.repeat(64) });

    await expect(openRegistry([folder]).get('means')).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  test('that grew is corrupt, and the list says so', async () => {
    writeModel(join(folder, 'means'), channelMeans());
    appendFileSync(join(folder, 'means', 'model.onnx'), 'x');
    const [model] = await openRegistry([folder]).list();

    expect(model!.problem).toMatch(/bytes instead of/);
    await expect(openRegistry([folder]).get('means')).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  test('behind a symbolic link is refused', async () => {
    writeModel(join(folder, 'means'), channelMeans());
    renameSync(join(folder, 'means', 'model.onnx'), join(folder, 'elsewhere.onnx'));
    symlinkSync(join(folder, 'elsewhere.onnx'), join(folder, 'means', 'model.onnx'));

    await expect(openRegistry([folder]).get('means')).rejects.toMatchObject({ code: 'model.invalid' });
  });

  test('with weights in a second file is refused, even when that file is a hard link beside it', async () => {
    const external = message([
      [
        7,
        [
          [
            5,
            [
              [1, 4],
              [2, 1],
              [8, 'w'],
              [
                13,
                [
                  [1, 'location'],
                  [2, 'w.bin'],
                ],
              ],
              [14, 1],
            ],
          ],
        ],
      ],
    ]);
    writeModel(join(folder, 'means'), external);
    writeFileSync(join(folder, 'secret'), 'sixteen bytes!!!');
    linkSync(join(folder, 'secret'), join(folder, 'means', 'w.bin'));

    await expect(openRegistry([folder]).get('means')).rejects.toMatchObject({
      code: 'model.invalid',
      message: expect.stringContaining('another file') as string,
    });
  });
});

describe('own models', () => {
  let own: string;
  let ours: string;
  beforeEach(() => {
    [ours, own] = [join(folder, 'ours'), join(folder, 'own')];
    writeModel(join(ours, 'bundled'), channelMeans(), { id: 'bundled' });
    writeModel(join(own, 'means'), channelMeans(), { facts: { source: 'somewhere' } });
  });

  test('are those in the last of several folders, or in the one that is named', async () => {
    const ids = async (registry: ReturnType<typeof openRegistry>) =>
      (await registry.list()).filter((model) => model.own).map(({ id }) => id);

    expect(await ids(openRegistry([ours, own]))).toEqual(['means']);
    expect(await ids(openRegistry([ours]))).toEqual([]);
    expect(await ids(openRegistry([own], { ownFolder: own }))).toEqual(['means']);
    expect(await ids(openRegistry([ours, own], { ownFolder: null }))).toEqual([]);
  });

  test('get another title, and nothing else in the manifest changes, not even the order', async () => {
    const before = JSON.parse(readFileSync(join(own, 'means/model.json'), 'utf8')) as Record<string, unknown>;
    const registry = openRegistry([ours, own]);
    await registry.rename('means', 'Garden « 园 »');
    const after = JSON.parse(readFileSync(join(own, 'means/model.json'), 'utf8')) as Record<string, unknown>;

    expect(after).toEqual({ ...before, title: 'Garden « 园 »' });
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(readdirSync(join(own, 'means')).sort()).toEqual(['labels.json', 'model.json', 'model.onnx']);
    expect((await registry.get('means')).manifest.title).toBe('Garden « 园 »');
  });

  test('keep their title when the new one is too long', async () => {
    const registry = openRegistry([ours, own]);

    await expect(registry.rename('means', 'x'.repeat(201))).rejects.toMatchObject({ code: 'input.invalid' });
    expect((await registry.list()).find(({ id }) => id === 'means')?.title).toBe('Channel means');
  });

  test('are removed with all that is in their folder', async () => {
    const registry = openRegistry([ours, own]);
    await registry.remove('means');

    expect(readdirSync(own)).toEqual([]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(['bundled']);
  });

  test('can be removed when they are broken', async () => {
    writeFileSync(join(own, 'means/model.json'), '{');
    await openRegistry([ours, own]).remove('means');

    expect(existsSync(join(own, 'means'))).toBe(false);
  });

  test('that are links in the folder, or contain links, take nothing else with them', async () => {
    const elsewhere = join(folder, 'elsewhere');
    writeModel(elsewhere, channelMeans(), { id: 'linked' });
    symlinkSync(elsewhere, join(own, 'linked'));
    symlinkSync(elsewhere, join(own, 'means/link'));
    const registry = openRegistry([ours, own]);
    await registry.remove('means');

    await expect(registry.remove('linked')).rejects.toMatchObject({ code: 'model.not-found' });
    expect(readdirSync(elsewhere)).toHaveLength(3);
  });

  test('half removed are no models, and gone after the next removal', async () => {
    mkdirSync(join(own, '.removed-1234-old'));
    renameSync(join(own, 'means'), join(own, '.removed-1234-old/means'));
    writeModel(join(own, '.removed-5678-other'), channelMeans(), { id: 'half' });
    writeModel(join(own, 'next'), channelMeans(), { id: 'next' });
    const registry = openRegistry([ours, own]);
    expect((await registry.list()).map(({ id }) => id)).toEqual(['bundled', 'next']);
    await registry.remove('next');

    expect(readdirSync(own)).toEqual([]);
  });

  test('are the only ones that change', async () => {
    const registry = openRegistry([ours, own]);

    await expect(registry.rename('bundled', 'Mine')).rejects.toMatchObject({ code: 'model.not-own' });
    await expect(registry.remove('bundled')).rejects.toMatchObject({ code: 'model.not-own' });
    await expect(registry.remove('nobody')).rejects.toMatchObject({ code: 'model.not-found' });
    expect((await registry.list()).map(({ title }) => title)).toEqual(['Channel means', 'Channel means']);
  });

  test('show the speed that was measured of their very file', async () => {
    const { sha256 } = await openRegistry([own]).get('means');
    const speed = { provider: 'cpu', threads: 1, batches: [], imagesPerSecond: 7, measuredMs: 1 };
    const registry = openRegistry([ours, own], { speedOf: (asked) => (asked === sha256 ? speed : null) });

    expect((await registry.list()).find(({ id }) => id === 'means')?.speed).toEqual(speed);
  });
});
