/** @file Whole optimizations of a small model over hundreds of real, small photos. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { OptimizeStep } from '../../../../electron/engine/models/fast/optimize-protocol.ts';
import { photosIn } from '../../../../electron/engine/models/fast/folder-photos.ts';
import { optimizeModel, type OptimizeOptions } from '../../../../electron/engine/models/fast/optimize.ts';
import { checkVariant, readVariant } from '../../../../electron/engine/models/fast/variant-file.ts';
import type { InstalledModel } from '../../../../electron/engine/models/manifest.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { makePhotos } from '../../../kill/photos.ts';
import { writeTinyResnext } from '../../../support/tiny-resnext.ts';

// A process that loads a runtime and several sessions each.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let home: string;
let photos: string[];
let model: InstalledModel;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-fast-'));
  await makePhotos(join(home, 'photos'), 462, 3);
  photos = await photosIn(join(home, 'photos'));
  model = await writeTinyResnext(join(home, 'models'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const optimize = (name: string, options: Partial<OptimizeOptions> = {}, from = photos) =>
  optimizeModel(model, from, {
    target: join(home, name, 'int8'),
    seed: 1,
    threads: 1,
    integersExact: true,
    ...options,
  });

test('a model and photos become a folder that describes itself, and the same ones the same bytes', async () => {
  const steps: OptimizeStep[] = [];
  const report = await optimize('twice', { onProgress: (step) => steps.push(step) });
  const first = await readVariant(join(home, 'twice/int8'), model.manifest);

  expect(report.imageCount).toBe(301);
  expect(report.calibrationImageCount).toBe(64);
  expect(report.passed).toBe(report.agreement >= 0.97 && report.confident.agreement >= 0.99);
  expect(report.topFiveOverlap).toBeGreaterThan(0.8);
  expect(report.speedup).toBeGreaterThan(0);
  expect(first).toMatchObject({ report, weightBits: 8, original: { sha256: model.sha256 } });
  await checkVariant(join(home, 'twice/int8'), first!);
  expect(readdirSync(join(home, 'twice'))).toEqual(['int8']);
  expect(readdirSync(join(home, 'twice/int8')).sort()).toEqual(['model.onnx', 'variant.json']);
  using graph = readOnnx(join(home, 'twice/int8/model.onnx'));
  expect(graph.graph.nodes.filter(({ operator }) => operator === 'QuantizeLinear').length).toBeGreaterThan(10);

  expect([...new Set(steps.map(({ stage }) => stage))]).toEqual([
    'reading',
    'calibrating',
    'choosing',
    'checking',
    'timing',
  ]);
  expect(steps.at(-1)).toMatchObject({ stage: 'timing', secondsLeft: 0 });
  for (const { done, total } of steps) expect(done).toBeLessThanOrEqual(total);

  // Over the earlier one.
  await optimize('twice');
  expect((await readVariant(join(home, 'twice/int8'), model.manifest))!.sha256).toBe(first!.sha256);
});

test('where integers are inexact, weights have seven bits', async () => {
  await optimize('seven', { integersExact: false });
  expect((await readVariant(join(home, 'seven/int8'), model.manifest))!.weightBits).toBe(7);
  using graph = readOnnx(join(home, 'seven/int8/model.onnx'));
  const weights = [...graph.graph.initializers].filter(([name]) => name.endsWith('weight_quantized'));
  expect(weights.length).toBeGreaterThan(10);
  for (const [, tensor] of weights) {
    const { buffer, byteOffset, byteLength } = tensor.bytes();
    expect(new Int8Array(buffer, byteOffset, byteLength).every((value) => Math.abs(value) <= 63)).toBe(true);
  }
});

test('damaged photos and copies are passed over, and too few are counted', async () => {
  const folder = join(home, 'mixed');
  mkdirSync(folder);
  const odd: string[] = [];
  for (let index = 0; index < 3; index++) {
    const copy = join(folder, `copy ${index}.jpg`);
    copyFileSync(photos[0]!, copy);
    const damaged = join(folder, `damaged ${index}.jpg`);
    writeFileSync(damaged, 'no photo');
    odd.push(copy, damaged, join(folder, `gone ${index}.jpg`));
  }
  await expect(optimize('few', {}, [...odd, ...photos.slice(0, 451)])).rejects.toMatchObject({
    code: 'model.too-few-photos',
    details: { needed: 460, found: 451 },
    message: 'This takes 460 different photos that can be read, and there are 451',
  });
  await expect(optimize('few', {}, photos.slice(0, 20))).rejects.toMatchObject({
    code: 'model.too-few-photos',
    details: { needed: 460, found: 20 },
  });
  expect(existsSync(join(home, 'few/int8'))).toBe(false);
});

test('stopped in the middle it leaves nothing, and what a killed one left goes with the next', async () => {
  const stop = new AbortController();
  const onProgress = ({ stage }: OptimizeStep) => stage === 'calibrating' && stop.abort();
  await expect(optimize('stopped', { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'aborted' });
  expect(readdirSync(join(home, 'stopped'))).toEqual([]);

  // No process has the highest number there is.
  mkdirSync(join(home, 'stopped/.making-4194303-0123abcd'));
  mkdirSync(join(home, 'stopped/.making-1-0123abcd'));
  await expect(optimize('stopped', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  expect(readdirSync(join(home, 'stopped'))).toEqual(['.making-1-0123abcd']);
});
