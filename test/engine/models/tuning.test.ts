/** @file How a model is run on this machine: known, measured or guessed; never how fast it is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Tuning } from '../../../electron/core/model.ts';
import { openMachine } from '../../../electron/engine/models/machine.ts';
import type { InstalledModel } from '../../../electron/engine/models/manifest.ts';
import { measureTuned } from '../../../electron/engine/models/measure.ts';
import { openTunings, type TuningWishes } from '../../../electron/engine/models/tuning.ts';
import { chooseFirst, chooseMerged, isBusy, layoutsOf } from '../../../electron/engine/models/tuning-contest.ts';
import { graphFacts, guessTuning } from '../../../electron/engine/models/tuning-guess.ts';
import { sessionsThatFit } from '../../../electron/engine/models/tuning-memory.ts';
import { temporaryFolder } from '../../support/library.ts';
import { channelMeans, writeModel } from '../../support/models.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { inIntegers, installed, smallResnext } from '../../support/resnext-model.ts';

const cores = availableParallelism();
const wishes: TuningWishes = { provider: 'cpu', threads: 0, batchSize: 0, pictureCount: 10 };
const known: Tuning = {
  sessions: 3,
  threads: 1,
  batchSize: 8,
  mergeWidth: 32,
  imagesPerSecond: 70,
  measuredMs: 1_000,
};
const openNew = () => {
  const machine = openMachine(join(temporaryFolder(), 'machine.json'));
  return { machine, tunings: openTunings(machine) };
};

async function means(rows: number | string = 'N'): Promise<InstalledModel> {
  const folder = temporaryFolder();
  writeModel(join(folder, 'means'), channelMeans({ rows }));
  return openRegistry([folder]).get('means');
}

describe('a guess', () => {
  test.each([
    ['floats in narrow groups', smallResnext(), 16],
    ['integers in narrow groups', inIntegers(smallResnext()), 32],
    ['wide groups', smallResnext('ResNeXt[1,1,1,1]_4x64d'), 0],
  ])('merges what pays: %s', async (_, model, mergeWidth) => {
    expect(await guessTuning(await installed(model), { provider: 'cpu', cores: 2 })).toMatchObject({
      sessions: 2,
      threads: 1,
      mergeWidth,
      measuredMs: 0,
    });
  });

  test('keeps to the pictures that a graph insists on, and to one session on a graphics card', async () => {
    expect(await guessTuning(await means(2), { provider: 'cpu', cores: 1 })).toMatchObject({
      batchSize: 2,
      sessions: 1,
    });
    expect(await guessTuning(await means(), { provider: 'cuda', cores: 8 })).toMatchObject({
      sessions: 1,
      mergeWidth: 0,
    });
  });

  test('is made of a file that cannot be read as well: a run tells what is wrong with it', async () => {
    const model = await means();
    writeFileSync(join(model.folder, 'model.onnx'), 'nothing');

    expect(await graphFacts(model)).toMatchObject({ isInteger: false, mergeWidths: [] });
  });
});

describe('for a run', () => {
  test('of a few pictures nothing is measured', async () => {
    const { machine, tunings } = openNew();
    const model = await installed(smallResnext());
    const onMeasuring = vi.fn();

    expect(await tunings.forRun(model, { ...wishes, onMeasuring })).toMatchObject({ mergeWidth: 16, measuredMs: 0 });
    expect(onMeasuring).not.toHaveBeenCalled();
    expect(machine.tuning(model.sha256, 'cpu', cores)).toBeNull();
  });

  test('of many pictures it is measured once, and told before', async () => {
    const { machine, tunings } = openNew();
    const model = await installed(smallResnext());
    const onMeasuring = vi.fn();
    const many = { ...wishes, pictureCount: 1_000_000, onMeasuring };
    const tuning = await tunings.forRun(model, many);

    expect(tuning.measuredMs).toBeGreaterThan(0);
    expect(tuning.imagesPerSecond).toBeGreaterThan(0);
    expect(tuning.sessions * tuning.threads).toBeLessThanOrEqual(cores);
    expect([0, 8, 16, 32]).toContain(tuning.mergeWidth);
    expect([1, 4, 8]).toContain(tuning.batchSize);
    expect(machine.tuning(model.sha256, 'cpu', cores)).toEqual(tuning);
    expect(await tunings.forRun(model, many)).toEqual(tuning);
    expect(onMeasuring).toHaveBeenCalledTimes(1);
  }, 120_000);

  test('what is known holds, and what the person set holds more', async () => {
    const { machine, tunings } = openNew();
    const model = await means();
    machine.rememberTuning(model.sha256, 'cpu', cores, known);

    expect(await tunings.forRun(model, wishes)).toEqual(known);
    expect(await tunings.forRun(model, { ...wishes, batchSize: 2 })).toEqual({ ...known, batchSize: 2 });
    // Known for another number of cores.
    const one = await tunings.forRun(model, { ...wishes, threads: 1 });
    expect([one.sessions, one.threads]).toEqual([1, cores === 1 ? known.threads : 1]);
  });

  test('of a model that cannot be measured there is a guess, and it is not tried twice', async () => {
    const { tunings } = openNew();
    const model = await installed(smallResnext());
    const file = join(model.folder, 'model.onnx');
    const bytes = readFileSync(file);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(file, bytes);
    const onMeasuring = vi.fn();
    const many = { ...wishes, pictureCount: 1_000_000, onMeasuring };

    expect(await tunings.forRun(model, many)).toMatchObject({ mergeWidth: 16, measuredMs: 0 });
    expect(await tunings.forRun(model, many)).toMatchObject({ measuredMs: 0 });
    expect(onMeasuring).toHaveBeenCalledTimes(1);
  });

  test('measuring ends when the run is cancelled', async () => {
    const { tunings } = openNew();
    const model = await installed(smallResnext());
    const stop = new AbortController();
    const onMeasuring = () => void setTimeout(() => stop.abort(), 300);
    const many = { ...wishes, pictureCount: 1_000_000, onMeasuring, signal: stop.signal };

    await expect(tunings.forRun(model, many)).rejects.toMatchObject({ code: 'aborted' });
    await expect(tunings.forRun(model, many)).rejects.toMatchObject({ code: 'aborted' });
  });

  test('a measurement of another model makes room', async () => {
    const { machine, tunings } = openNew();
    const other = await installed(smallResnext());
    const measuring = tunings.measure(other, { provider: 'cpu', threads: 0 });
    const refused = expect(measuring).rejects.toMatchObject({ code: 'aborted' });
    await tunings.forRun(await means(), wishes);
    await refused;

    expect(machine.tuning(other.sha256, 'cpu', cores)).toBeNull();
  });
});

test('measuring ends with the engine, and none begins after it', async () => {
  const { tunings } = openNew();
  const model = await installed(smallResnext());
  const refused = expect(tunings.measure(model, { provider: 'cpu', threads: 0 })).rejects.toMatchObject({
    code: 'aborted',
  });
  await tunings[Symbol.asyncDispose]();
  await refused;

  await expect(tunings.measure(model, { provider: 'cpu', threads: 0 })).rejects.toMatchObject({ code: 'aborted' });
});

test('a measured model is timed with its best settings', async () => {
  const model = await means();
  const measure = vi.fn(() => Promise.resolve({ ...known, imagesPerSecond: 1e9 }));
  const speed = await measureTuned({ measure }, model, { provider: 'cpu', threads: 0 });

  expect(speed).toMatchObject({ provider: 'cpu', threads: 1, imagesPerSecond: 1e9 });
  expect(speed.batches.map(({ rows }) => rows)).toEqual([1, 4, 8]);
}, 60_000);

const turns = (...figures: [imagesPerSecond: number, cpuMsPerImage: number][]) =>
  figures.map(([imagesPerSecond, cpuMsPerImage]) => ({ imagesPerSecond, cpuMsPerImage }));

describe('of what was timed', () => {
  test('the fastest width is taken, or none when it gains less than two in a hundred', () => {
    const original = turns([1, 10], [1, 12], [1, 11]);
    expect(chooseMerged([original, turns([1, 9], [1, 10.8], [1, 9.9]), turns([1, 8], [1, 9.6], [1, 8.8])])).toBe(2);
    expect(chooseMerged([original, turns([1, 9.9], [1, 11.9], [1, 10.9])])).toBe(0);
    // In the median of rounds: one lucky round is not enough.
    expect(chooseMerged([original, turns([1, 5], [1, 12], [1, 11])])).toBe(0);
    expect(chooseMerged([original])).toBe(0);
  });

  test('the first that is nearly as fast as the fastest is taken, by its best turn', () => {
    expect(chooseFirst([turns([10, 1]), turns([10.4, 1]), turns([10.5, 1])])).toBe(0);
    expect(chooseFirst([turns([10, 1]), turns([4, 1], [19, 1]), turns([19.5, 1])])).toBe(1);
  });

  test('a core that other programs want is seen', () => {
    expect(isBusy(turns([50, 20], [45, 20], [49, 20]))).toBe(false);
    expect(isBusy(turns([25, 20], [20, 20], [49, 20]))).toBe(true);
  });
});

test('cores are shared out between more and more sessions, as far as memory goes', () => {
  const pairs = (count: number, limit: number) =>
    layoutsOf(count, limit).map(({ sessions, threads }) => `${sessions}×${threads}`);

  expect(pairs(1, 4)).toEqual(['1×1']);
  expect(pairs(2, 4)).toEqual(['1×1', '1×2', '2×1']);
  expect(pairs(2, 1)).toEqual(['1×1', '1×2']);
  expect(pairs(6, 4)).toEqual(['1×1', '1×6', '2×3', '4×1']);
});

test('large models get one session, small ones as many as fit', () => {
  const megabyte = 1024 ** 2;

  const integers = (megabytes: number) => ({ fileBytes: megabytes * megabyte, isInteger: true });
  const floats = (megabytes: number) => ({ fileBytes: megabytes * megabyte, isInteger: false });

  expect(sessionsThatFit(integers(25))).toBe(2);
  expect(sessionsThatFit(integers(31))).toBe(2);
  expect(sessionsThatFit(floats(96))).toBe(1);
  expect(sessionsThatFit(floats(330))).toBe(1);
  expect(sessionsThatFit(floats(96), 200 * megabyte)).toBe(2);
});
