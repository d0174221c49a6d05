import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DownloadProgress } from '../../../electron/core/catalogue.ts';
import type { ModelSpeed } from '../../../electron/core/model.ts';
import { knownWeights } from '../../../electron/engine/models/catalogue.ts';
import type { KnownWeights } from '../../../electron/engine/models/catalogue/known-weights.ts';
import { downloadHandlers, openDownloads, type Downloads } from '../../../electron/engine/models/downloads.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { openTestImports } from '../../support/imports.ts';
import { temporaryFolder } from '../../support/library.ts';
import { randomSafetensors } from '../../support/safetensors.ts';
import { serveFile, type Behaviour, type WebServer } from '../../support/web-server.ts';

/** Small enough to convert in a second, with the 1,000 classes of the real ones. */
const architecture = 'ResNeXt[1,1,1,1]_2x2d';
let weights: Buffer;
let other: Buffer;
let tiny: KnownWeights;
beforeAll(() => {
  weights = randomSafetensors(architecture);
  other = randomSafetensors('ResNeXt[1,1,1,1]_2x4d');
  tiny = {
    ...knownWeights('timm.resnext50-32x4d.a1h-in1k'),
    id: 'timm.tiny',
    title: 'Tiny',
    architecture,
    parameterCount: weights.length / 2,
    sizeBytes: weights.length,
    url: 'https://huggingface.co/timm/tiny/resolve/main/model.safetensors',
  };
});

let cachePath: string;
beforeEach(() => {
  cachePath = temporaryFolder();
});

interface Session {
  downloads: Downloads;
  models: string;
  events: DownloadProgress[];
  until: (state: DownloadProgress['state'], entryId?: string) => Promise<DownloadProgress>;
}

/** With real imports; the mirror stands in for Hugging Face. */
function open(server: Pick<WebServer, 'origin'>, entries: KnownWeights[] = [tiny], changes = {}): Session {
  const { imports, models } = openTestImports();
  const registry = openRegistry([models]);
  const events: DownloadProgress[] = [];
  const downloads = openDownloads({
    cachePath,
    imports,
    installedIds: async () => (await registry.list()).map(({ id }) => id),
    settings: () => ({ proxy: '', mirror: server.origin }),
    onProgress: (progress) => events.push(progress),
    http: { environment: {}, stallMs: 1000 },
    entries,
    ...changes,
  });
  onTestFinished(() => downloads[Symbol.asyncDispose]());
  const until = async (state: DownloadProgress['state'], entryId = tiny.id) => {
    const ended = () => events.findLast((event) => event.entryId === entryId);
    await expect
      .poll(() => [state, 'failed'].includes(ended()?.state ?? ''), { timeout: 60_000, interval: 5 })
      .toBe(true);
    return ended()!;
  };
  return { downloads, models, events, until };
}

const inCache = () => readdirSync(join(cachePath, 'downloads'));
const slowly: Behaviour = { pauseMs: 2 };

describe('a download', () => {
  test('ends as a model with the facts of the catalogue, and leaves nothing behind', async () => {
    const server = await serveFile(weights);
    const { downloads, models, events, until } = open(server);
    await downloads.start(tiny.id, false);
    const end = await until('finished');

    const sha256 = createHash('sha256').update(weights).digest('hex');
    const whole = { doneBytes: weights.length, totalBytes: weights.length };
    expect(end).toMatchObject({ entryId: 'timm.tiny', state: 'finished', ...whole, sha256, error: null });
    const states = events.map(({ state }) => state);
    expect(states.filter((state, at) => state !== states[at - 1])).toEqual([
      'waiting',
      'downloading',
      'converting',
      'finished',
    ]);
    expect(inCache()).toEqual([]);
    expect(server.requests.map(({ url }) => url)).toEqual(['/timm/tiny/resolve/main/model.safetensors']);

    const registry = openRegistry([models]);
    expect(await registry.list()).toMatchObject([
      { id: 'timm.tiny', title: 'Tiny', problem: null, categoryCount: 1000 },
    ]);
    const { manifest, labels } = await registry.get('timm.tiny');
    expect(manifest).toMatchObject({
      licence: 'Apache-2.0',
      preprocess: { shortSide: 235, kernel: 'cubic' },
      facts: { architecture, source: tiny.url, sourceSha256: sha256 },
      metrics: [
        { name: 'ImageNet-1k top-1', value: 0.8114, source: tiny.source },
        { name: 'ImageNet-1k top-5', value: 0.9532 },
      ],
    });
    expect(labels[0]!.name).toBe('tench');
  });

  test('tells how fast it goes and how long it takes, a few times a second', async () => {
    const { downloads, events, until } = open(await serveFile(weights, [{ pauseMs: 6 }]));
    const beganMs = performance.now();
    await downloads.start(tiny.id, false);
    await until('converting');
    const tookMs = performance.now() - beganMs;
    const told = events.filter(({ state }) => state === 'downloading');
    expect(told.length).toBeLessThan(tookMs / 200 + 3);
    const paced = told.filter(({ bytesPerSecond }) => bytesPerSecond !== null);
    expect(paced.length).toBeGreaterThan(0);
    for (const { bytesPerSecond, secondsLeft, doneBytes } of paced) {
      expect(secondsLeft! * bytesPerSecond!).toBeCloseTo(weights.length - doneBytes, 0);
    }
  });

  test('asked for twice is fetched once', async () => {
    const server = await serveFile(weights, [slowly]);
    const { downloads, until } = open(server);
    await Promise.all([downloads.start(tiny.id, false), downloads.start(tiny.id, false)]);
    await downloads.start(tiny.id, false);
    await until('converting');
    expect(server.requests).toHaveLength(1);
  });

  test('waits for the one before it', async () => {
    const second = { ...tiny, id: 'timm.second', url: 'https://huggingface.co/second.safetensors' };
    const { downloads, events, until } = open(await serveFile(weights, [slowly]), [tiny, second]);
    await downloads.start(tiny.id, false);
    await downloads.start(second.id, false);
    expect((await downloads.list()).map(({ entryId, state }) => [entryId, state])).toEqual([
      ['timm.tiny', 'downloading'],
      ['timm.second', 'waiting'],
    ]);
    downloads.cancel(tiny.id);
    await until('downloading', second.id);
    const firstEnd = events.findIndex(({ entryId, state }) => entryId === tiny.id && state === 'cancelled');
    const secondBegin = events.findIndex(({ entryId, state }) => entryId === second.id && state === 'downloading');
    expect(firstEnd).toBeGreaterThan(0);
    expect(secondBegin).toBeGreaterThan(firstEnd);
  });

  test('of weights that may not be used commercially has to be agreed to', async () => {
    const server = await serveFile(weights);
    const restricted = { ...tiny, nonCommercial: true, licence: 'CC-BY-NC-4.0' };
    const { downloads, until } = open(server, [restricted]);
    await expect(downloads.start(tiny.id, false)).rejects.toMatchObject({
      code: 'licence.required',
      message: 'Tiny may not be used commercially (CC-BY-NC-4.0); this has to be accepted first',
    });
    expect(server.requests).toEqual([]);
    await downloads.start(tiny.id, true);
    expect(await until('converting')).toMatchObject({ state: 'converting' });
  });

  test('of what is not in the catalogue, installed already or too large for ONNX is refused', async () => {
    const huge = { ...tiny, id: 'huge', sizeBytes: 3_317_057_184 };
    const { downloads } = open(await serveFile(weights), [tiny, huge], {
      installedIds: () => Promise.resolve([tiny.id]),
    });
    await expect(downloads.start('timm.nonesuch', false)).rejects.toMatchObject({ code: 'not-found' });
    await expect(downloads.start('huge', false)).rejects.toMatchObject({
      code: 'model.unsupported',
      message: 'Tiny would take 3.32 GB as a model, an ONNX file holds 2.15 GB at most',
    });
    await expect(downloads.start(tiny.id, false)).rejects.toThrow(/Tiny is among the models already/);
  });
});

describe('stopping', () => {
  test('keeps what has arrived, and a later session goes on with it', async () => {
    const server = await serveFile(weights, [slowly]);
    const first = open(server);
    await first.downloads.start(tiny.id, false);
    await expect.poll(() => first.events.at(-1)?.doneBytes ?? 0).toBeGreaterThan(1_000_000);
    first.downloads.cancel(tiny.id);
    expect(await first.until('cancelled')).toMatchObject({ error: null, bytesPerSecond: null });
    await first.downloads[Symbol.asyncDispose]();
    const doneBytes = statSync(join(cachePath, 'downloads/timm.tiny.safetensors.part')).size;
    expect(doneBytes).toBeGreaterThan(1_000_000);

    const second = open(server);
    expect(await second.downloads.list()).toEqual([
      expect.objectContaining({ entryId: 'timm.tiny', state: 'cancelled', doneBytes }),
    ]);
    await second.downloads.start(tiny.id, false);
    expect(await second.until('finished')).toMatchObject({ state: 'finished' });
    expect(server.requests[1]!.headers.range).toBe(`bytes=${doneBytes}-`);
    expect(second.events[0]).toMatchObject({ state: 'waiting', doneBytes });
  });

  test('one that waits lets the others be', async () => {
    const second = { ...tiny, id: 'timm.second', url: 'https://huggingface.co/second.safetensors' };
    const server = await serveFile(weights, [slowly]);
    const { downloads, until } = open(server, [tiny, second]);
    await downloads.start(tiny.id, false);
    await downloads.start(second.id, false);
    downloads.cancel(second.id);
    await until('cancelled', second.id);
    await until('converting');
    expect(server.requests).toHaveLength(1);
  });

  test('while it is converted keeps the whole file, which is not fetched again', async () => {
    const server = await serveFile(weights);
    const { downloads, until } = open(server);
    await downloads.start(tiny.id, false);
    await until('converting');
    downloads.cancel(tiny.id);
    expect(await until('cancelled')).toMatchObject({ state: 'cancelled' });
    expect(inCache()).toEqual(['timm.tiny.safetensors']);

    await downloads.start(tiny.id, false);
    expect(await until('finished')).toMatchObject({ state: 'finished' });
    expect(server.requests).toHaveLength(1);
    expect(inCache()).toEqual([]);
  });

  test('what is not on its way changes nothing', async () => {
    const { downloads, events } = open(await serveFile(weights));
    downloads.cancel(tiny.id);
    expect(events).toEqual([]);
  });

  test('all of them, at the end of the session, keeps the parts', async () => {
    const { downloads, events } = open(await serveFile(weights, [slowly]));
    await downloads.start(tiny.id, false);
    await expect.poll(() => events.at(-1)?.doneBytes ?? 0).toBeGreaterThan(0);
    await downloads[Symbol.asyncDispose]();
    expect(events.at(-1)).toMatchObject({ state: 'cancelled' });
    expect(inCache().toSorted()).toEqual(['timm.tiny.safetensors.part', 'timm.tiny.safetensors.part.json']);
  });
});

describe('a failure', () => {
  test('without a network says so, and how to do it by hand', async () => {
    const gone = await serveFile(weights);
    await gone.close();
    const { downloads, until } = open(gone);
    await downloads.start(tiny.id, false);
    const { state, error } = await until('failed');
    expect([state, error?.code]).toEqual(['failed', 'network.failed']);
    expect(error?.message).toBe(`No connection to 127.0.0.1:${gone.port} (ECONNREFUSED): is there a network?`);
    expect(error?.byHand).toBe(
      'By hand: fetch https://huggingface.co/timm/tiny/resolve/main/model.safetensors on a computer with a network, bring ' +
        'model.safetensors here, then “Add model…” in the app or `labelwright models add model.safetensors --id ' +
        'timm.tiny --preprocess timm:resnext50_32x4d.a1h_in1k` makes it the model Tiny.',
    );
  });

  test('lets the next one begin, and the same one begin again', async () => {
    const second = { ...tiny, id: 'timm.second', url: 'https://huggingface.co/second.safetensors' };
    const { downloads, until } = open(await serveFile(weights, [{ status: 404 }, {}]), [tiny, second]);
    await downloads.start(tiny.id, false);
    await downloads.start(second.id, false);
    expect(await until('failed')).toMatchObject({ error: { code: 'network.failed' } });
    expect(await until('converting', second.id)).toMatchObject({ state: 'converting' });
    downloads.cancel(second.id);
    await downloads.start(tiny.id, false);
    expect(await until('converting')).toMatchObject({ error: null });
  });

  test('because the file is another model names both, and deletes it', async () => {
    const { downloads, models, until } = open(await serveFile(other));
    await downloads.start(tiny.id, false);
    expect(await until('failed')).toMatchObject({
      error: {
        code: 'download.corrupt',
        message: expect.stringContaining(
          'The file for Tiny holds a ResNeXt[1,1,1,1]_2x4d instead of a ResNeXt[1,1,1,1]_2x2d; it was deleted.',
        ),
      },
    });
    expect(inCache()).toEqual([]);
    expect(existsSync(models) ? readdirSync(models) : []).toEqual([]);
  });

  test('because the file is no model deletes it', async () => {
    const { downloads, until } = open(await serveFile(Buffer.alloc(weights.length, 7)));
    await downloads.start(tiny.id, false);
    const { error } = await until('failed');
    expect(error?.code).toMatch(/^model\./);
    expect(inCache()).toEqual([]);
  });

  test('because of its checksum deletes it', async () => {
    const { downloads, until } = open(await serveFile(weights), [{ ...tiny, sha256Prefix: '00000000' }]);
    await downloads.start(tiny.id, false);
    expect(await until('failed')).toMatchObject({ error: { code: 'download.corrupt' } });
    expect(inCache()).toEqual([]);
  });

  test('because of a proxy or mirror that is no address is told', async () => {
    const settings = { proxy: 'socks5://127.0.0.1:1', mirror: '' };
    const { downloads, until } = open(await serveFile(weights), [tiny], { settings: () => settings });
    await downloads.start(tiny.id, false);
    expect(await until('failed')).toMatchObject({ error: { code: 'input.invalid' } });
    Object.assign(settings, { proxy: '', mirror: 'mirror.example' });
    await downloads.start(tiny.id, false);
    await expect.poll(async () => (await downloads.list())[0]?.error?.message).toContain('The mirror must be');
  });
});

test('the catalogue knows what is installed and how fast it is here', async () => {
  const speed: ModelSpeed = { provider: 'cpu', threads: 1, batches: [], imagesPerSecond: 9, measuredMs: 0 };
  const speeds = ({ architecture: name }: KnownWeights) => (name === 'ResNeXt50_vd_32x4d' ? speed : null);
  const entries = ['paddleclas.resnext50-vd-32x4d', 'torchvision.resnext50-32x4d-v2'].map(knownWeights);
  const { downloads } = open(await serveFile(weights), entries, {
    installedIds: () => Promise.resolve(['torchvision.resnext50-32x4d-v2', 'mine']),
    speeds,
  });
  const handlers = downloadHandlers(downloads);
  const found = await handlers['catalogue.list']({});
  expect(found).toMatchObject([
    { id: 'paddleclas.resnext50-vd-32x4d', top1: 0.7956, speed, installed: false },
    { id: 'torchvision.resnext50-32x4d-v2', sha256: null, speed: null, installed: true },
  ]);
  expect(Object.keys(found[0]!)).not.toContain('sha256Prefix');
});

test('files in the folder that are not of the catalogue are let be', async () => {
  mkdirSync(join(cachePath, 'downloads'), { recursive: true });
  writeFileSync(join(cachePath, 'downloads/mine.part'), 'x');
  const { downloads } = open(await serveFile(weights));
  expect(await downloads.list()).toEqual([]);
  expect(readFileSync(join(cachePath, 'downloads/mine.part'), 'utf8')).toBe('x');
});
