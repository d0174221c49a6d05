/** @file Which form a run uses, over real folders: measured, chosen, tampered with. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openVariants } from '../../../../electron/engine/models/fast/variants.ts';
import { writeVariant, type Variant } from '../../../../electron/engine/models/fast/variant-file.ts';
import type { Integers } from '../../../../electron/engine/models/machine.ts';
import { openRegistry } from '../../../../electron/engine/models/registry.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { channelMeans, message, writeModel } from '../../../support/models.ts';

const good: Variant['report'] = {
  imageCount: 300,
  agreement: 0.98,
  confident: { imageCount: 200, agreement: 1 },
  topFiveOverlap: 0.97,
  scoreDrift: { mean: 0.01, max: 0.1 },
  gate: { agreement: 0.97, confidentAgreement: 0.99, imageCount: 300 },
  passed: true,
  calibrationImageCount: 64,
  ranges: 'min-max',
  keptFloat: [],
  speedup: 2,
  madeMs: 1,
};
const bad = { ...good, agreement: 0.9, passed: false };
const fastMachine: Integers = { gain: 2, exact: true, measuredMs: 1 };

/** Any graph stands for the integer form: here the same means, followed by nothing else. */
const onnx = channelMeans({ after: ['Identity'] });

async function setUp({
  machine = fastMachine,
  probed = fastMachine,
}: { machine?: Integers | null; probed?: Integers } = {}) {
  const home = temporaryFolder();
  const [ours, own] = [join(home, 'ours'), join(home, 'own')];
  writeModel(join(ours, 'means'), channelMeans());
  const registry = openRegistry([ours, own]);
  let known = machine;
  let probes = 0;
  const open = () =>
    openVariants({
      get: (id) => registry.get(id),
      ownModels: own,
      integers: () => known,
      probeIntegers: () => {
        probes++;
        known = probed;
        return Promise.resolve(probed);
      },
    });
  const variants = open();
  const model = await registry.get('means');
  const put = async (folder: string, changes: Partial<Variant> = {}, bytes = onnx) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model.onnx'), bytes);
    await writeVariant(folder, {
      version: 1,
      original: { sha256: model.sha256 },
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sizeBytes: bytes.length,
      weightBits: 8,
      report: good,
      ...changes,
    });
  };
  const list = () => variants.of(model.folder, model.manifest);
  return { variants, open, model, put, list, brought: join(model.folder, 'int8'), probes: () => probes, own };
}

describe('a form that agrees', () => {
  test('labels under a name of its own, the original under its own', async () => {
    const { variants, model, put, brought, list } = await setUp();
    expect(await variants.forRun('means')).toEqual(model);
    await put(brought);

    const fast = await variants.forRun('means');
    expect(fast).toMatchObject({ id: 'means@int8', folder: brought, labels: model.labels });
    expect(fast.manifest).toMatchObject({ title: 'Channel means, fast', sha256: fast.sha256, sizeBytes: onnx.length });
    expect(await variants.forRun('means@int8')).toEqual(fast);
    expect(await variants.forRun('means@original')).toEqual(model);
    expect(await list()).toEqual({
      sizeBytes: onnx.length,
      own: false,
      report: good,
      inUse: true,
      unusedBecause: null,
    });
  });

  test('made here comes before one that came along, which is in force again when it is discarded', async () => {
    const { variants, model, put, brought, list } = await setUp();
    await put(brought);
    await put(variants.target(model.sha256), { report: bad });

    expect(await list()).toMatchObject({ own: true, inUse: false, unusedBecause: 'differs' });
    expect((await variants.forRun('means')).id).toBe('means');
    await variants.discard('means');
    expect((await variants.forRun('means')).folder).toBe(brought);
    await expect(variants.discard('means')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each([
    [{ gain: 1.1, exact: true, measuredMs: 1 }, 'not-faster'],
    [{ gain: 3, exact: false, measuredMs: 1 }, 'inexact'],
  ] as const)('stays off where integers give %j', async (machine, unusedBecause) => {
    const { variants, put, brought, list } = await setUp({ machine });
    await put(brought);
    expect(await list()).toMatchObject({ inUse: false, unusedBecause });
    expect((await variants.forRun('means')).id).toBe('means');
  });

  test('with weights of seven bits is the same on every machine', async () => {
    const { variants, put, brought } = await setUp({ machine: { gain: 3, exact: false, measuredMs: 1 } });
    await put(brought, { weightBits: 7 });
    expect((await variants.forRun('means')).id).toBe('means@int8');
  });

  test('waits for integers to be tried, once', async () => {
    const { variants, put, brought, probes } = await setUp({
      machine: null,
      probed: { gain: 1, exact: true, measuredMs: 1 },
    });
    await variants.forRun('means');
    expect(probes()).toBe(0);
    await put(brought);
    expect((await variants.forRun('means')).id).toBe('means');
    expect((await variants.forRun('means')).id).toBe('means');
    expect(probes()).toBe(1);
  });
});

describe('the choice of a person', () => {
  test('is kept, both ways', async () => {
    const { variants, open, put, brought, list } = await setUp();
    await put(brought);
    await variants.use('means', false);
    expect(await list()).toMatchObject({ inUse: false, unusedBecause: 'switched-off' });
    expect((await open().forRun('means')).id).toBe('means');
    // Two forms can be compared all the same.
    expect((await variants.forRun('means@int8')).id).toBe('means@int8');
    await variants.use('means', true);
    expect((await open().forRun('means')).id).toBe('means@int8');
  });

  test('goes before speed, not before agreement or exactness', async () => {
    const slow = await setUp({ machine: { gain: 1, exact: true, measuredMs: 1 } });
    await slow.put(slow.brought);
    await slow.variants.use('means', true);
    expect((await slow.variants.forRun('means')).id).toBe('means@int8');

    const differing = await setUp();
    await differing.put(differing.brought, { report: bad });
    await expect(differing.variants.use('means', true)).rejects.toMatchObject({ code: 'model.invalid' });
    await expect(differing.variants.forRun('means@int8')).rejects.toMatchObject({ code: 'not-found' });

    const inexact = await setUp({ machine: { gain: 2, exact: false, measuredMs: 1 } });
    await inexact.put(inexact.brought);
    await expect(inexact.variants.use('means', true)).rejects.toMatchObject({ code: 'model.invalid' });
  });

  test('needs something to choose', async () => {
    const { variants } = await setUp();
    await expect(variants.use('means', true)).rejects.toMatchObject({ code: 'not-found' });
    await expect(variants.use('nonesuch', true)).rejects.toMatchObject({ code: 'model.not-found' });
  });
});

describe('a form that was tampered with', () => {
  const outside = message([
    [1, 8],
    [
      7,
      [
        [
          5,
          [
            [8, 'w'],
            [14, 1],
            [
              13,
              [
                [1, 'location'],
                [2, '/etc/passwd'],
              ],
            ],
          ],
        ],
        [2, 'g'],
      ],
    ],
    [
      8,
      [
        [1, ''],
        [2, 17],
      ],
    ],
  ]);

  test.each<
    [string, (folder: string, put: (changes: Partial<Variant>, bytes?: Buffer) => Promise<void>) => unknown, RegExp]
  >([
    ['is of another file', (_, put) => put({ original: { sha256: 'a'.repeat(64) } }), /another file/],
    [
      'has another size',
      (folder) => writeFileSync(join(folder, 'model.onnx'), Buffer.concat([onnx, onnx])),
      /bytes instead of/,
    ],
    [
      'has other bytes',
      (folder) => {
        const bytes = readFileSync(join(folder, 'model.onnx'));
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(join(folder, 'model.onnx'), bytes);
      },
      /differs from the one that was checked/,
    ],
    ['has weights elsewhere', (_, put) => put({}, outside), /weights lie in another file/],
    ['has lost its file', (folder) => rmSync(join(folder, 'model.onnx')), /cannot be read/],
    [
      'is a link to a file',
      (folder) => {
        copyFileSync(join(folder, 'model.onnx'), join(folder, 'real.onnx'));
        rmSync(join(folder, 'model.onnx'));
        symlinkSync(join(folder, 'real.onnx'), join(folder, 'model.onnx'));
      },
      /not a regular file/,
    ],
    [
      'is a link to a folder',
      (folder) => {
        cpSync(folder, `${folder}-real`, { recursive: true });
        rmSync(folder, { recursive: true });
        symlinkSync(`${folder}-real`, folder);
      },
      /is no folder/,
    ],
    ['is described by no JSON', (folder) => writeFileSync(join(folder, 'variant.json'), '{'), /not JSON/],
    [
      'is said to have passed when it has not',
      (folder) => {
        const path = join(folder, 'variant.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"agreement": 0.98', '"agreement": 0.5'));
      },
      /does not pass the gate/,
    ],
    [
      'says more than it may',
      (folder) => {
        const path = join(folder, 'variant.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('{', '{ "run": "me",'));
      },
      /run/,
    ],
  ])('because it %s is never used, and the original labels', async (_, tamper, reason) => {
    const { variants, model, put, brought, list } = await setUp();
    await put(brought);
    await tamper(brought, (changes, bytes) => put(brought, changes, bytes));

    expect(await variants.forRun('means')).toEqual(model);
    await expect(variants.forRun('means@int8')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(reason) as string,
    });
    expect(await list()).toBeNull();
  });

  test('is passed over for the one that came along', async () => {
    const { variants, model, put, brought } = await setUp();
    await put(brought);
    await put(variants.target(model.sha256));
    writeFileSync(join(variants.target(model.sha256), 'variant.json'), '{');
    expect((await variants.forRun('means')).folder).toBe(brought);
    await variants.discard('means');
    expect((await variants.forRun('means')).folder).toBe(brought);
  });
});

test('what was made of a model that is removed goes too', async () => {
  const { variants, model, put } = await setUp();
  await put(variants.target(model.sha256));
  await variants.forget(model.sha256);
  expect((await variants.forRun('means')).id).toBe('means');
  await variants.forget(model.sha256);
});
