import { expect, test } from 'vitest';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { buildResnext } from '../../../../electron/engine/models/onnx/build.ts';
import { mergeGroups } from '../../../../electron/engine/models/onnx/merge-groups.ts';
import type { OnnxModel, OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { bytesTensor, graphModel, largestDifference, node, runOnnx, uniformFloats } from '../../../support/onnx-run.ts';
import { fixture } from '../../../support/pictures.ts';

const groupsOf = ({ graph }: OnnxModel) =>
  graph.nodes.flatMap(({ operator, attributes }) => {
    const group = attributes.get('group');
    return operator.endsWith('Conv') && group?.type === 'int' && group.value > 1 ? [group.value] : [];
  });

test('a ResNeXt with wider groups gives the same logits and features', async () => {
  const architecture = parseArchitecture('ResNeXt[1,1,1,1]_32x4d')!;
  const model = buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: true, side: 64 });
  const merged = mergeGroups(model, 16);

  expect(groupsOf(model)).toEqual([32, 32, 32, 32]);
  expect(groupsOf(merged)).toEqual([8, 16, 32, 32]);
  const pictures = uniformFloats(2 * 3 * 64 * 64, 1, 2);
  const before = await runOnnx(model, pictures, [2, 3, 64, 64]);
  const after = await runOnnx(merged, pictures, [2, 3, 64, 64]);
  expect(largestDifference(after.outputs['logits']!, before.outputs['logits']!)).toBeLessThan(1e-5);
  expect(largestDifference(after.outputs['features']!, before.outputs['features']!)).toBeLessThan(1e-5);
});

test('the model that was given stays as it is, and no weight is read before it is needed', () => {
  const architecture = parseArchitecture('ResNeXt[1,1,1,1]_32x4d')!;
  const unread = new Map(
    Array.from(randomTensors(architecture, 1), ([name, { type, shape }]): [string, LazyTensor] => [
      name,
      {
        type,
        shape,
        bytes: () => {
          throw new Error(`${name} was read`);
        },
      },
    ]),
  );
  const model = buildResnext(architecture, unread, { foldBatchNorm: true, side: 64 });
  const before = { groups: groupsOf(model), shape: [...model.graph.initializers.get('layer1.0.conv2.weight')!.shape] };

  const merged = mergeGroups(model, 16);
  expect(merged.graph.initializers.get('layer1.0.conv2.weight')!.shape).toEqual([128, 16, 3, 3]);
  expect(groupsOf(model)).toEqual(before.groups);
  expect(model.graph.initializers.get('layer1.0.conv2.weight')!.shape).toEqual(before.shape);
});

test('the bundled model merges, for its weights are widened from halves first only where they are constants', () => {
  using model = readOnnx(new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname);
  // Computed by Cast: left alone until that is folded.
  expect(groupsOf(mergeGroups(model, 16))).toEqual(groupsOf(model));
});

/** Weights of [16, 2, 3, 3] in 8 groups; zero points that differ from output to output. */
const int8 = {
  w: bytesTensor('int8', [16, 2, 3, 3], Int8Array.from(uniformFloats(288, 2, 127))),
  wUnsigned: bytesTensor(
    'uint8',
    [16, 2, 3, 3],
    Uint8Array.from(uniformFloats(288, 3, 127), (value) => value + 128),
  ),
  scales: tensorOf(
    uniformFloats(16, 4, 0.004).map((value) => Math.abs(value) + 0.001),
    [16],
  ),
  scale: tensorOf(Float32Array.of(0.005), []),
  noughts: bytesTensor('int8', [16], new Int8Array(16)),
  unsignedZeroPoint: bytesTensor('uint8', [], Uint8Array.of(131)),
  xScale: tensorOf(Float32Array.of(0.01), []),
  xZeroPoint: bytesTensor('uint8', [], Uint8Array.of(120)),
  yScale: tensorOf(Float32Array.of(0.02), []),
  yZeroPoint: bytesTensor('uint8', [], Uint8Array.of(127)),
};
const convolution = { group: 8, kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const quantizeInput = [node('QuantizeLinear', ['x', 'xScale', 'xZeroPoint'], 'xq')];
const qlinear = (weights: string[]): OnnxNode[] => [
  ...quantizeInput,
  node('QLinearConv', ['xq', 'xScale', 'xZeroPoint', ...weights, 'yScale', 'yZeroPoint'], 'yq', convolution),
  node('DequantizeLinear', ['yq', 'yScale', 'yZeroPoint'], 'y'),
];
const qdq = (weights: string[], axis: Record<string, number>): OnnxNode[] => [
  ...quantizeInput,
  node('DequantizeLinear', ['xq', 'xScale', 'xZeroPoint'], 'xd'),
  node('DequantizeLinear', weights, 'wd', axis),
  node('Conv', ['xd', 'wd'], 'yf', convolution),
  node('QuantizeLinear', ['yf', 'yScale', 'yZeroPoint'], 'yq'),
  node('DequantizeLinear', ['yq', 'yScale', 'yZeroPoint'], 'y'),
];

test.each([
  ['QLinearConv', qlinear(['w', 'scales', 'noughts'])],
  ['QLinearConv with a zero point', qlinear(['wUnsigned', 'scale', 'unsignedZeroPoint'])],
  ['Conv of weights dequantized by output', qdq(['w', 'scales', 'noughts'], { axis: 0 })],
  ['Conv of weights dequantized as a whole', qdq(['w', 'scale'], {})],
  ['Conv of unsigned weights', qdq(['wUnsigned', 'scale', 'unsignedZeroPoint'], {})],
])('%s gives the same bits', async (_, nodes) => {
  const model = graphModel(nodes, int8, ['N', 16, 9, 9]);
  const merged = mergeGroups(model, 8);
  const values = uniformFloats(3 * 16 * 81, 5, 1.2);

  expect(groupsOf(merged)).toEqual([2]);
  const before = await runOnnx(model, values, [3, 16, 9, 9]);
  const after = await runOnnx(merged, values, [3, 16, 9, 9]);
  expect(before.operators).toContain('QLinearConv');
  expect(after.operators).toEqual(before.operators);
  expect(new Set(before.outputs['y']).size).toBeGreaterThan(100);
  expect(after.outputs).toEqual(before.outputs);
});

/** One convolution of float weights [O, I / groups, 1, 1]. */
function one(outputs: number, channels: number, groups: number, type: 'float32' | 'float16' = 'float32'): OnnxModel {
  const count = outputs * channels;
  const values = type === 'float32' ? uniformFloats(count, 6) : new Uint16Array(count).fill(0x3c00);
  const weights = bytesTensor(type, [outputs, channels, 1, 1], values);
  return graphModel([node('Conv', ['x', 'w'], 'y', { group: groups })], { w: weights }, ['N', channels * groups, 4, 4]);
}

test.each([
  ['the smallest multiple that is as wide', one(64, 4, 16), 16, [64, 16, 1, 1]],
  ['not a power of two', one(32, 6, 32), 16, [32, 24, 1, 1]],
  ['the whole, where that is narrower', one(8, 2, 4), 16, [8, 8, 1, 1]],
  ['fewer outputs than inputs', one(16, 4, 16), 8, [16, 8, 1, 1]],
  ['halves', one(16, 4, 16, 'float16'), 8, [16, 8, 1, 1]],
])('groups become %s', (_, model, width, shape) => {
  const merged = mergeGroups(model, width);
  const weight = merged.graph.initializers.get('w')!;
  expect(weight.shape).toEqual(shape);
  const size = weight.type === 'float16' ? 2 : 4;
  expect(weight.bytes()).toHaveLength(shape.reduce((product, each) => product * each, size));
});

const shared = (() => {
  const model = one(64, 4, 16);
  model.graph.nodes.push(node('Conv', ['x', 'w'], 'z', { group: 16 }));
  return model;
})();
const asOutput = graphModel(one(64, 4, 16).graph.nodes, { w: one(64, 4, 16).graph.initializers.get('w')! }, [], ['w']);
const computed = graphModel(
  [node('Neg', ['w'], 'v'), node('Conv', ['x', 'v'], 'y', { group: 16 })],
  { w: one(64, 4, 16).graph.initializers.get('w')! },
  ['N', 64, 4, 4],
);
const sharedDequantized = graphModel(
  [...qdq(['w', 'scale'], {}), node('Neg', ['wd'], 'z')],
  int8,
  ['N', 16, 9, 9],
  ['y', 'z'],
);
const otherAxis = graphModel(qdq(['w', 'two'], { axis: 1 }), { ...int8, two: tensorOf(Float32Array.of(1, 2), [2]) }, [
  'N',
  16,
  9,
  9,
]);

test.each([
  ['shared weights', shared],
  ['weights that are an output', asOutput],
  ['computed weights', computed],
  ['dequantized weights that others read', sharedDequantized],
  ['weights with scales along another axis', otherAxis],
  ['depthwise convolutions', one(64, 1, 64)],
  ['wide groups', one(64, 16, 4)],
  ['groups that would become much wider', one(62, 4, 31)],
  ['groups that do not divide the outputs', one(30, 4, 16)],
])('%s stay', (_, model) => {
  const merged = mergeGroups(model, 16);
  expect(groupsOf(merged)).toEqual(groupsOf(model));
  expect(merged.graph.initializers).toEqual(model.graph.initializers);
});

test('a graph with branches stays: they may read any weight', () => {
  using model = readOnnx(fixture('onnx-graphs', 'every-type.onnx'));
  expect(mergeGroups(model, 16)).toBe(model);
});

test('a weight that is shorter than its shape is named', () => {
  const model = one(64, 4, 16);
  model.graph.initializers.set('w', { type: 'float32', shape: [64, 4, 1, 1], bytes: () => new Uint8Array(4) });
  expect(() => mergeGroups(model, 16).graph.initializers.get('w')!.bytes()).toThrow(/"w" has 4 bytes/);
});
