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
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

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

test('a model and photos become a folder that describes itself, in the place of an earlier one', async () => {
  const target = join(home, 'whole/int8');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'earlier'), '');
  const steps: OptimizeStep[] = [];
  // As on a machine whose integers are inexact: weights get seven bits.
  const report = await optimize('whole', { integersExact: false, onProgress: (step) => steps.push(step) });
  const variant = await readVariant(target, model.manifest);

  expect(report.imageCount).toBe(300);
  expect(report.calibrationImageCount).toBe(64);
  expect(report.passed).toBe(report.agreement >= 0.97 && report.confident.agreement >= 0.99);
  expect(report.topFiveOverlap).toBeGreaterThan(0.8);
  expect(report.speedup).toBeGreaterThan(0);
  expect(variant).toMatchObject({ report, weightBits: 7, original: { sha256: model.sha256 } });
  await checkVariant(target, variant!);
  expect(readdirSync(join(home, 'whole'))).toEqual(['int8']);
  expect(readdirSync(target).sort()).toEqual(['model.onnx', 'variant.json']);

  using graph = readOnnx(join(target, 'model.onnx'));
  const weights = [...graph.graph.initializers].filter(([name]) => name.endsWith('weight_quantized'));
  expect(weights.length).toBeGreaterThan(5);
  for (const [, tensor] of weights) {
    const { buffer, byteOffset, byteLength } = tensor.bytes();
    expect(new Int8Array(buffer, byteOffset, byteLength).every((value) => Math.abs(value) <= 63)).toBe(true);
  }

  const stages = [...new Set(steps.map(({ stage }) => stage))];
  expect(stages).toEqual(['reading', 'calibrating', 'choosing', 'checking', 'timing']);
  expect(steps.at(-1)).toMatchObject({ stage: 'timing', secondsLeft: 0 });
  for (const { done, total } of steps) expect(done).toBeLessThanOrEqual(total);
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
