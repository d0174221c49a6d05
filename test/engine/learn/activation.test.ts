import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { prepare } from '../../../electron/engine/inference/classify.ts';
import { openSession } from '../../../electron/engine/inference/session.ts';
import { sharesOf, weighCells } from '../../../electron/engine/learn/activation-cells.ts';
import { openActivationMaps, type ActivationMaps } from '../../../electron/engine/learn/activation.ts';
import { openMapSession } from '../../../electron/engine/learn/map-session.ts';
import { libvips } from '../../../electron/engine/libvips.ts';
import type { InstalledModel } from '../../../electron/engine/models/manifest.ts';
import { readFloats } from '../../../electron/core/tensor.ts';
import { foldConstants } from '../../../electron/engine/models/onnx/fold-constants.ts';
import { readOnnx } from '../../../electron/engine/models/onnx/read.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { randomHead } from '../../support/heads.ts';
import { temporaryFolder } from '../../support/library.ts';
import { channelMeans, writeModel } from '../../support/models.ts';
import { largestDifference } from '../../support/onnx-run.ts';
import { samplePhotos } from '../../support/pictures.ts';
import { writeTinyResnext } from '../../support/tiny-resnext.ts';

const models = new URL('../../../models', import.meta.url).pathname;
let bundled: InstalledModel;
beforeAll(async () => {
  libvips();
  bundled = await openRegistry([models]).get('resnext26-tags');
});

function openMaps(): ActivationMaps {
  const maps = openActivationMaps();
  onTestFinished(() => maps[Symbol.asyncDispose]());
  return maps;
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Logits and features of the sample photos by the app's own session. */
async function outputsOf(model: InstalledModel, pictures: readonly Uint8Array[]) {
  const session = await openSession(model, { threads: 1, embeddings: true, provider: 'cpu', mergeWidth: 0 });
  const outputs = await session.run(pictures);
  await session.release();
  return outputs.map((output) => output!);
}

describe('the mean over the cells', () => {
  test.each(['bundled', 'tiny'] as const)('of the %s network is the logit without its bias', async (name) => {
    const model = name === 'bundled' ? bundled : await writeTinyResnext(temporaryFolder());
    const prepared = await Promise.all(
      samplePhotos.slice(0, 3).map((path) => prepare({ id: 1, path }, model.manifest)),
    );
    const pictures = prepared.map(({ rgb }) => rgb!);
    const outputs = await outputsOf(model, pictures);
    const session = await openMapSession(model);
    const { weights, width } = session.classifier!;
    const biases = classifierBiases(model);
    for (const [row, rgb] of pictures.entries()) {
      const map = await session.run(rgb);
      const features = outputs[row]!.features!;
      const head = randomHead(width);
      const headMean = mean(weighCells(map, head.weights.subarray(0, width))) / Math.hypot(...features);
      const headLogit =
        features.reduce((sum, value, at) => sum + value * head.weights[at]!, 0) / Math.hypot(...features);
      expect(Math.abs(headMean - headLogit)).toBeLessThan(1e-3);

      // Softmax of the means with the biases added: the scores of the model itself.
      const logits = model.labels.map(
        (_, at) => mean(weighCells(map, weights.subarray(at * width, (at + 1) * width))) + biases[at]!,
      );
      const most = Math.max(...logits);
      const powers = logits.map((logit) => Math.exp(logit - most));
      const sum = powers.reduce((total, power) => total + power, 0);
      const scores = powers.map((power) => power / sum);
      expect(largestDifference(scores, outputs[row]!.scores)).toBeLessThan(1e-3);
    }
    await session.release();
  });

  test('is that of the weighted channels, in either order of the axes', () => {
    const side = fc.integer({ min: 1, max: 5 });
    const shapes = fc.tuple(fc.integer({ min: 1, max: 6 }), side, side);
    const cases = shapes.chain(([channels, width, height]) => {
      const number = fc.float({ min: -100, max: 100, noNaN: true });
      const list = (length: number) => fc.array(number, { minLength: length, maxLength: length });
      return fc.record({
        sizes: fc.constant({ channels, width, height }),
        values: list(channels * width * height),
        weights: list(channels),
      });
    });
    fc.assert(
      fc.property(cases, ({ sizes, values, weights }) => {
        const count = sizes.width * sizes.height;
        const first = Float32Array.from(values);
        const last = first.map((_, at) => values[(at % sizes.channels) * count + Math.floor(at / sizes.channels)]!);
        const row = Float32Array.from(weights);
        const cells = weighCells({ values: first, ...sizes, channelsLast: false }, row);
        expect(weighCells({ values: last, ...sizes, channelsLast: true }, row)).toEqual(cells);
        const pooled = weights.map((_, at) => mean(values.slice(at * count, (at + 1) * count)));
        const logit = pooled.reduce((sum, value, at) => sum + value * weights[at]!, 0);
        expect(mean(cells)).toBeCloseTo(logit, 3);
        const shares = sharesOf(cells);
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(Math.max(...shares)).toBe(cells.some((cell) => cell > 0) ? 1 : 0);
      }),
    );
  });
});

/** Of the last Gemm. */
function classifierBiases({ folder, manifest }: InstalledModel): Float32Array {
  using file = readOnnx(join(folder, manifest.file));
  const { graph } = foldConstants(file);
  const gemm = graph.nodes.findLast(({ operator }) => operator === 'Gemm')!;
  return readFloats(graph.initializers.get(gemm.inputs[2]!)!).slice();
}

test('a map covers the part of the picture that the model saw', async () => {
  const maps = openMaps();
  const photo = samplePhotos[0]!;
  const map = await maps.of(bundled, photo, { label: 3 });
  const { facts } = await prepare({ id: 1, path: photo }, bundled.manifest);
  const { width, height } = facts as { width: number; height: number };

  expect(map.values).toHaveLength(map.width * map.height);
  expect(Math.max(...map.values)).toBe(1);
  // The centre square.
  const share = Math.min(width, height) / Math.max(width, height);
  const [long, short] = width > height ? (['width', 'height'] as const) : (['height', 'width'] as const);
  expect(map.window[long]).toBeCloseTo(share, 2);
  expect(map.window[short]).toBe(1);
  expect(map.window[long === 'width' ? 'left' : 'top']).toBeCloseTo((1 - share) / 2, 2);
});

test('requests at the same time, for different networks, all get the map of their own', async () => {
  const tiny = await writeTinyResnext(temporaryFolder());
  const maps = openMaps();
  const alone = await maps.of(bundled, samplePhotos[0]!, { label: 3 });
  const [first, other, again] = await Promise.all([
    maps.of(bundled, samplePhotos[0]!, { label: 3 }),
    maps.of(tiny, samplePhotos[0]!, { label: 1 }),
    maps.of(bundled, samplePhotos[0]!, { label: 3 }),
  ]);

  expect(first).toEqual(alone);
  expect(again).toEqual(alone);
  expect(other.width).toBe(1);
});

test('what cannot be drawn is refused with the reason', async () => {
  const maps = openMaps();
  const folder = temporaryFolder();
  const damaged = join(folder, 'damaged.jpg');
  writeFileSync(damaged, 'no picture');
  // Means of colours with no weights behind them.
  writeModel(join(folder, 'means'), channelMeans());
  const means = await openRegistry([folder]).get('means');

  await expect(maps.of(bundled, damaged, { label: 0 })).rejects.toMatchObject({ code: /^image\./ });
  await expect(maps.of(bundled, join(folder, 'gone.jpg'), { label: 0 })).rejects.toMatchObject({
    code: 'file.missing',
  });
  await expect(maps.of(bundled, samplePhotos[0]!, { label: 5000 })).rejects.toMatchObject({ code: 'not-found' });
  await expect(maps.of(means, samplePhotos[0]!, { label: 0 })).rejects.toMatchObject({ code: 'model.unsupported' });
  // And the next one is served as if nothing had happened.
  expect((await maps.of(bundled, samplePhotos[0]!, { label: 0 })).values.length).toBeGreaterThan(1);
});
