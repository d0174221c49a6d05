/** @file Measurements: their shape, and that they are possible; never how fast it is. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import {
  architectureKey,
  measureArchitecture,
  measureModel,
  typicalMs,
} from '../../../electron/engine/models/measure.ts';
import { parseArchitecture } from '../../../electron/engine/models/resnext/names.ts';
import { temporaryFolder } from '../../support/library.ts';
import { channelMeans, writeModel } from '../../support/models.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;
/** Small enough to be built and measured in a second or two. */
const tiny = parseArchitecture('ResNeXt[1,1,1,1]_4x4d')!;

async function installed(onnx: Buffer) {
  const folder = temporaryFolder();
  writeModel(join(folder, 'means'), onnx);
  return openRegistry([folder]).get('means');
}

test('a model is timed with one, four and eight pictures', async () => {
  const before = Date.now();
  const speed = await measureModel(await installed(channelMeans()), cpu);

  expect(speed).toMatchObject({ provider: 'cpu', threads: 1 });
  expect(speed.batches.map(({ rows }) => rows)).toEqual([1, 4, 8]);
  for (const { milliseconds } of speed.batches) expect(milliseconds).toBeGreaterThan(0);
  const rates = speed.batches.map(({ rows, milliseconds }) => (rows * 1000) / milliseconds);
  expect(speed.imagesPerSecond).toBe(Math.max(...rates));
  expect(speed.measuredMs).toBeGreaterThanOrEqual(before);
});

test('a model that insists on a number of pictures is timed with that number', async () => {
  const { batches } = await measureModel(await installed(channelMeans({ rows: 2 })), cpu);

  expect(batches.map(({ rows }) => rows)).toEqual([2]);
});

test('an architecture is timed with random weights, which are gone afterwards', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('labelwright-measure-'));
  const before = folders();
  const { batches } = await measureArchitecture(tiny, 64, cpu);

  expect(batches.map(({ rows }) => rows)).toEqual([1, 4, 8]);
  expect(folders().filter((name) => !before.includes(name))).toEqual([]);
});

test('measuring ends when it is cancelled', async () => {
  const stop = new AbortController();
  const measuring = measureArchitecture(tiny, 64, { ...cpu, signal: stop.signal });
  setTimeout(() => stop.abort(), 300);

  await expect(measuring).rejects.toMatchObject({ code: 'aborted' });
});

test('the typical run is the median of all but the first, unless there is no other', () => {
  expect(typicalMs([90, 3, 1, 2])).toBe(2);
  expect(typicalMs([90, 1, 2, 3, 10])).toBe(2.5);
  expect(typicalMs([90])).toBe(90);
});

test('an architecture is remembered under its name, with the side of its input where that is unusual', () => {
  expect(architectureKey(parseArchitecture('resnext50_32x4d')!, 224)).toBe('ResNeXt50_32x4d');
  expect(architectureKey('ResNeXt50_32x4d', 160)).toBe('ResNeXt50_32x4d at 160');
});
