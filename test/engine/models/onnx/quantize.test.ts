import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { preprocessPreset } from '#core/preprocess-presets.ts';
import { pixelWriter } from '#core/pixel-values.ts';
import { topK } from '#core/scores.ts';
import { tensorOf } from '#core/tensor.ts';
import { buildResnext } from '../../../../electron/engine/models/onnx/build.ts';
import { foldConstants } from '../../../../electron/engine/models/onnx/fold-constants.ts';
import { mergeGroups } from '../../../../electron/engine/models/onnx/merge-groups.ts';
import type { OnnxModel } from '../../../../electron/engine/models/onnx/model.ts';
import {
  activationParameters,
  quantize,
  type QuantizeOptions,
  type Range,
} from '../../../../electron/engine/models/onnx/quantize.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { calibrated } from '../../../support/calibrated.ts';
import { cropOf } from '../../../support/decoded.ts';
import { graphModel, largestDifference, node, runOnnx, uniformFloats } from '../../../support/onnx-run.ts';
import { fixture, samplePhotos } from '../../../support/pictures.ts';

const allIntegers = { floatFirstConvolution: false, floatClassifier: false };

function resnext(name: string, side: number): OnnxModel {
  const architecture = parseArchitecture(name)!;
  return buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: true, side });
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const count = (operators: string[], operator: string) => operators.filter((each) => each === operator).length;

const side = 64;
const shape = [3, side, side];
const noise = [1, 2, 3, 4].map((seed) => uniformFloats(3 * side * side, seed, 2));
let small: OnnxModel;
let ranges: ReadonlyMap<string, Range>;
beforeAll(async () => {
  small = resnext('ResNeXt[1,1,1,1]_32x4d', side);
  ranges = (await calibrated(small, noise, shape)).minMax();
});

test('a ResNeXt runs in integers from the picture to the pool, and says nearly the same', async () => {
  const float = await runOnnx(small, noise[0]!, [1, ...shape]);
  const { outputs, operators } = await runOnnx(quantize(small, { ranges, ...allIntegers }), noise[0]!, [1, ...shape]);

  expect(count(operators, 'QLinearConv')).toBe(17);
  expect(count(operators, 'QLinearAdd')).toBe(4);
  expect(count(operators, 'QGemm')).toBe(1);
  expect(operators.filter((operator) => ['Conv', 'FusedConv', 'Relu', 'Add', 'Gemm'].includes(operator))).toEqual([]);
  // The pool reads floats, so that features stay finer than bytes.
  expect([count(operators, 'QuantizeLinear'), count(operators, 'DequantizeLinear')]).toEqual([2, 1]);
  expect(cosine(outputs['logits']!, float.outputs['logits']!)).toBeGreaterThan(0.999);
  expect(cosine(outputs['features']!, float.outputs['features']!)).toBeGreaterThan(0.999);
});

test('wider groups change no bit of it', async () => {
  const quantized = quantize(small, { ranges, ...allIntegers });
  const before = await runOnnx(quantized, noise[1]!, [1, ...shape]);
  const merged = mergeGroups(quantized, 32);
  const after = await runOnnx(merged, noise[1]!, [1, ...shape]);

  expect(merged.graph.initializers.get('layer1.0.conv2.weight_quantized')!.shape).toEqual([128, 32, 3, 3]);
  expect(count(after.operators, 'QLinearConv')).toBe(17);
  expect(after.outputs).toEqual(before.outputs);
});

test('the first convolution and the classifier can stay float', async () => {
  const kept = quantize(small, { ranges, floatFirstConvolution: true, floatClassifier: true });
  const { outputs, operators } = await runOnnx(kept, noise[0]!, [1, ...shape]);
  const float = await runOnnx(small, noise[0]!, [1, ...shape]);
  const all = await runOnnx(quantize(small, { ranges, ...allIntegers }), noise[0]!, [1, ...shape]);

  expect([count(operators, 'Conv'), count(operators, 'QLinearConv'), count(operators, 'Gemm')]).toEqual([1, 16, 1]);
  const error = (logits: Float32Array) => 1 - cosine(logits, float.outputs['logits']!);
  expect(error(outputs['logits']!)).toBeLessThan(error(all.outputs['logits']!));
});

test.each(['ResNeXt[1,1,1,1]_vd_32x4d', 'ResNeXt[1,1,1,1]_vc_64x4d'])('%s does so too', async (name) => {
  // 72 halves to an odd side, where average pools reach over the edge.
  const model = resnext(name, 72);
  const pictures = [5, 6].map((seed) => uniformFloats(3 * 72 * 72, seed, 2));
  const measured = (await calibrated(model, pictures, [3, 72, 72])).minMax();
  const float = await runOnnx(model, pictures[0]!, [1, 3, 72, 72]);
  const quantized = mergeGroups(quantize(model, { ranges: measured, ...allIntegers }), 32);
  const { outputs, operators } = await runOnnx(quantized, pictures[0]!, [1, 3, 72, 72]);

  expect([count(operators, 'Conv'), count(operators, 'QLinearConv')]).toEqual([0, 19]);
  expect(count(operators, 'AveragePool')).toBe(0);
  expect(cosine(outputs['logits']!, float.outputs['logits']!)).toBeGreaterThan(0.998);
});

test('7-bit weights cost precision, and still say much the same', async () => {
  const float = await runOnnx(small, noise[0]!, [1, ...shape]);
  const { outputs } = await runOnnx(quantize(small, { ranges, ...allIntegers, weightBits: 7 }), noise[0]!, [
    1,
    ...shape,
  ]);
  expect(cosine(outputs['logits']!, float.outputs['logits']!)).toBeGreaterThan(0.995);
});

test('of the photos the bundled model says the same when its ranges come from them', async () => {
  using bundled = readOnnx(new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname);
  const model = foldConstants(bundled);
  const preset = preprocessPreset('torchvision-v1')!;
  const write = pixelWriter({ ...preset, type: 'float32', layout: 'NCHW' });
  const pictures: Float32Array[] = [];
  for (const path of samplePhotos) {
    const values = new Float32Array(3 * 224 * 224);
    write(await cropOf(readFileSync(path)), values, 0);
    pictures.push(values);
  }
  const calibration = await calibrated(model, pictures, [3, 224, 224]);
  const joined = Float32Array.from(pictures.flatMap((picture) => [...picture]));
  const bests = async (each: OnnxModel) => {
    const { outputs } = await runOnnx(each, joined, [pictures.length, 3, 224, 224]);
    const classes = outputs['logits']!.length / pictures.length;
    return pictures.map((_, row) => topK(outputs['logits']!.slice(row * classes, (row + 1) * classes), 1)[0]!.index);
  };

  expect(pictures).toHaveLength(8);
  const float = await bests(bundled);
  for (const measured of [calibration.minMax(), calibration.percentile(0.99999), calibration.leastError()]) {
    expect(await bests(mergeGroups(quantize(model, { ranges: measured, ...allIntegers }), 32))).toEqual(float);
  }
}, 30_000);

const weights = {
  w: tensorOf(uniformFloats(48, 7), [4, 4, 3, 1]),
  b: tensorOf(uniformFloats(4, 8), [4]),
};
const inputs = ['x', 'w', 'b'];
const pads = { pads: [1, 0, 1, 0] };
const values = uniformFloats(4 * 36, 9, 3);

async function expectClose(model: OnnxModel, options: Partial<QuantizeOptions> = {}): Promise<string[]> {
  const measured = (await calibrated(model, [values], [4, 6, 6])).minMax();
  const float = await runOnnx(model, values, [1, 4, 6, 6]);
  const { outputs, operators } = await runOnnx(
    quantize(model, { ranges: measured, ...allIntegers, ...options }),
    values,
    [1, 4, 6, 6],
  );
  expect(Object.keys(outputs)).toEqual(Object.keys(float.outputs));
  for (const [name, expected] of Object.entries(float.outputs)) {
    const reach = Math.max(...expected.map(Math.abs));
    expect(largestDifference(outputs[name]!, expected) / reach).toBeLessThan(0.03);
  }
  return operators;
}

test('what is nought at the padding stays nought, though the values are not around it', async () => {
  const model = graphModel(
    [node('Add', ['x', 'shift'], 's'), node('Conv', ['s', 'w', 'b'], 'y', pads)],
    {
      ...weights,
      shift: tensorOf(Float32Array.of(5), []),
    },
    ['N', 4, 6, 6],
  );
  expect(await expectClose(model)).toContain('QLinearConv');
});

test('a convolution that is read before its Relu too keeps what is below nought', async () => {
  const nodes = [
    node('Conv', inputs, 'c', pads),
    node('Relu', ['c'], 'r'),
    node('Conv', ['r', 'w'], 'd', pads),
    node('Add', ['d', 'c'], 'y'),
  ];
  const operators = await expectClose(graphModel(nodes, weights, ['N', 4, 6, 6]));
  expect([count(operators, 'QLinearConv'), count(operators, 'QLinearAdd')]).toEqual([2, 1]);
});

test('outputs of the graph that lie on the way keep their names', async () => {
  const nodes = [node('Conv', inputs, 'c', pads), node('Relu', ['c'], 'r'), node('Sigmoid', ['r'], 'y')];
  expect(await expectClose(graphModel(nodes, weights, ['N', 4, 6, 6], ['y', 'r', 'c']))).toContain('QLinearConv');
});

test('other operators between convolutions stay float', async () => {
  const nodes = [
    node('Conv', inputs, 'c', pads),
    node('GlobalAveragePool', ['c'], 'p'),
    node('Sigmoid', ['p'], 'g'),
    node('Mul', ['c', 'g'], 'm'),
    node('Add', ['m', 'x'], 's'),
    node('Conv', ['s', 'w'], 'd', pads),
    node('MaxPool', ['d'], 'y', { kernel_shape: [2, 2] }),
  ];
  const operators = await expectClose(graphModel(nodes, weights, ['N', 4, 6, 6]));
  expect(operators).toEqual(expect.arrayContaining(['Mul', 'Add']));
  expect(count(operators, 'QLinearConv')).toBe(2);
});

test.each([1, 0])('a product with its weights transposed or not (%d) becomes one of integers', async (transB) => {
  const product = {
    g: tensorOf(uniformFloats(20, 10), transB ? [5, 4] : [4, 5]),
    h: tensorOf(uniformFloats(5, 11), [5]),
  };
  const nodes = [
    node('Conv', inputs, 'c', pads),
    node('GlobalAveragePool', ['c'], 'p'),
    node('Flatten', ['p'], 'f'),
    node('Gemm', ['f', 'g', 'h'], 'y', { transB }),
  ];
  expect(await expectClose(graphModel(nodes, { ...weights, ...product }, ['N', 4, 6, 6]))).toContain('QGemm');
});

test.each(['script-free', 'dynamo-free'])('the export %s of PyTorch runs in integers', async (name) => {
  using exported = readOnnx(fixture('onnx-graphs', `${name}.onnx`));
  const model = foldConstants(exported);
  const picture = uniformFloats(3 * 30 * 30, 12, 2);
  const measured = (await calibrated(model, [picture], [3, 30, 30])).minMax();
  const float = await runOnnx(exported, picture, [1, 3, 30, 30]);
  const { outputs, operators } = await runOnnx(
    quantize(model, { ranges: measured, ...allIntegers }),
    picture,
    [1, 3, 30, 30],
  );

  expect(count(operators, 'QLinearConv')).toBe(4);
  expect(cosine(outputs['logits']!, float.outputs['logits']!)).toBeGreaterThan(0.995);
});

test('an older graph is quantized under the version that allows it', async () => {
  const model = graphModel([node('Conv', inputs, 'y', pads)], weights, ['N', 4, 6, 6]);
  expect(await expectClose({ ...model, opsets: new Map([['', 11]]) })).toContain('QLinearConv');
});

test('the model that was given stays as it is', () => {
  const before = structuredClone({ nodes: small.graph.nodes, names: [...small.graph.initializers.keys()] });
  quantize(small, { ranges, ...allIntegers });
  expect({ nodes: small.graph.nodes, names: [...small.graph.initializers.keys()] }).toEqual(before);
});

test.each([
  [[-1, 3], 4 / 255, 64],
  [[2, 5.1], 0.02, 0],
  [[-5.1, -2], 0.02, 255],
  [[0, 0], 1, 0],
] as const)('the range %j has steps of %d, and nought at %i', (range, scale, zeroPoint) => {
  const found = activationParameters(range);
  expect(found.scale).toBeCloseTo(scale, 6);
  expect(found.zeroPoint).toBe(zeroPoint);
});

test('what cannot be quantized is refused with the reason', () => {
  const plain = graphModel([node('Conv', inputs, 'y', pads)], weights, ['N', 4, 6, 6]);
  const oldSoftmax = graphModel([node('Conv', inputs, 'c', pads), node('Softmax', ['c'], 'y')], weights, []);
  using branches = readOnnx(fixture('onnx-graphs', 'every-type.onnx'));
  const all = { ranges, ...allIntegers };

  expect(() => quantize(plain, all)).toThrow(/No range of values is known for "x"/);
  expect(() => quantize(plain, { ...all, ranges: new Map([['x', [NaN, 1]]]) })).toThrow(/No range of values/);
  expect(() => quantize({ ...oldSoftmax, opsets: new Map([['', 11]]) }, all)).toThrow(/Operators of version 11/);
  expect(() => quantize(graphModel([node('Relu', ['x'], 'y')], {}, ['N', 4]), all)).toThrow(/Nothing in the graph/);
  expect(() => quantize(branches, all)).toThrow(/branches/);
});
