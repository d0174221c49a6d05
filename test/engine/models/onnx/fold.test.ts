import { expect, test } from 'vitest';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { buildResnext } from '../../../../electron/engine/models/onnx/build.ts';
import { foldBatchNormNodes } from '../../../../electron/engine/models/onnx/fold-batch-norm-nodes.ts';
import { foldConstants } from '../../../../electron/engine/models/onnx/fold-constants.ts';
import type { OnnxModel } from '../../../../electron/engine/models/onnx/model.ts';
import { raiseOpset } from '../../../../electron/engine/models/onnx/raise-opset.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { bytesTensor, graphModel, largestDifference, node, runOnnx, uniformFloats } from '../../../support/onnx-run.ts';
import { fixture } from '../../../support/pictures.ts';

const operatorsOf = ({ graph }: OnnxModel) => graph.nodes.map(({ operator }) => operator);

/** Halves of −1, 0.5, 1 and 2. */
const halves = bytesTensor('float16', [2, 2, 1, 1], Uint16Array.of(0xbc00, 0x3800, 0x3c00, 0x4000));

test('halves that are widened, copies and constants become initializers', async () => {
  const bias = node('Constant', [], 'b');
  bias.attributes.set('value', { type: 'tensor', value: tensorOf(Float32Array.of(3, 4), [2]) });
  const nodes = [node('Cast', ['h'], 'c', { to: 1 }), node('Identity', ['c'], 'w'), bias];
  const model = graphModel([...nodes, node('Conv', ['x', 'w', 'b'], 'y')], { h: halves }, ['N', 2, 1, 1]);
  const folded = foldConstants(model);

  expect(operatorsOf(folded)).toEqual(['Conv']);
  expect([...folded.graph.initializers.keys()]).toEqual(['w', 'b']);
  const { outputs } = await runOnnx(folded, Float32Array.of(10, 100), [1, 2, 1, 1]);
  expect([...outputs['y']!]).toEqual([-10 + 50 + 3, 10 + 200 + 4]);
  expect(outputs).toEqual((await runOnnx(model, Float32Array.of(10, 100), [1, 2, 1, 1])).outputs);
});

test.each([
  ['a Cast of what is computed', graphModel([node('Cast', ['x'], 'y', { to: 1 })], {}, ['N', 2])],
  ['a Cast to another type', graphModel([node('Cast', ['h'], 'y', { to: 11 })], { h: halves }, ['N', 2])],
  ['what makes an output', graphModel([node('Cast', ['h'], 'y', { to: 1 })], { h: halves }, ['N', 2])],
])('%s stays', (_, model) => {
  expect(foldConstants(model)).toEqual(model);
});

test('the bundled model has float weights then, and no Cast', () => {
  using model = readOnnx(new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname);
  const folded = foldConstants(model);
  expect(new Set(operatorsOf(folded))).not.toContain('Cast');
  expect(new Set(Array.from(folded.graph.initializers.values(), ({ type }) => type))).toEqual(new Set(['float32']));
});

test('a ResNeXt without its normalizations gives the same', async () => {
  const architecture = parseArchitecture('ResNeXt[1,1,1,1]_8x4d')!;
  const model = buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: false, side: 64 });
  const folded = foldBatchNormNodes(model);

  expect(operatorsOf(model)).toContain('BatchNormalization');
  expect(operatorsOf(folded)).not.toContain('BatchNormalization');
  expect([...folded.graph.initializers.keys()].filter((name) => name.includes('running'))).toEqual([]);
  const pictures = uniformFloats(2 * 3 * 64 * 64, 1, 2);
  const before = await runOnnx(model, pictures, [2, 3, 64, 64]);
  const after = await runOnnx(folded, pictures, [2, 3, 64, 64]);
  expect(largestDifference(after.outputs['logits']!, before.outputs['logits']!)).toBeLessThan(1e-5);
});

const vector = (seed: number, low: number, high: number): LazyTensor =>
  tensorOf(
    uniformFloats(4, seed).map((value) => low + ((value + 1) / 2) * (high - low)),
    [4],
  );
const normTensors = {
  w: tensorOf(uniformFloats(12, 1), [4, 3, 1, 1]),
  b: vector(2, -1, 1),
  scale: vector(3, 0.5, 1.5),
  offset: vector(4, -1, 1),
  mean: vector(5, -1, 1),
  variance: vector(6, 0.2, 2),
};
const norm = (input: string, output: string) => {
  const made = node('BatchNormalization', [input, 'scale', 'offset', 'mean', 'variance'], output);
  made.attributes.set('epsilon', { type: 'float', value: 0.125 });
  return made;
};

test('a bias, another epsilon and weights that two convolutions share are folded too', async () => {
  const model = graphModel(
    [
      node('Conv', ['x', 'w', 'b'], 'c1'),
      norm('c1', 'n1'),
      node('Conv', ['x', 'w'], 'c2'),
      norm('c2', 'n2'),
      node('Conv', ['x', 'w'], 'c3'),
      node('Mul', ['n1', 'n2'], 'p'),
      node('Add', ['p', 'c3'], 'y'),
    ],
    normTensors,
    ['N', 3, 5, 5],
  );
  const folded = foldBatchNormNodes(model);

  expect(operatorsOf(folded)).toEqual(['Conv', 'Conv', 'Conv', 'Mul', 'Add']);
  const values = uniformFloats(75, 7);
  const before = await runOnnx(model, values, [1, 3, 5, 5]);
  const after = await runOnnx(folded, values, [1, 3, 5, 5]);
  expect(largestDifference(after.outputs['y']!, before.outputs['y']!)).toBeLessThan(1e-5);
});

const training = norm('c', 'y');
training.attributes.set('training_mode', { type: 'int', value: 1 });
const old = graphModel([node('Conv', ['x', 'w'], 'c'), norm('c', 'y')], normTensors, ['N', 3, 5, 5]);

test.each([
  ['a normalization of the input', graphModel([norm('x', 'y')], normTensors, ['N', 4, 5, 5])],
  [
    'one whose convolution others read',
    graphModel([node('Conv', ['x', 'w'], 'c'), norm('c', 'n'), node('Add', ['n', 'c'], 'y')], normTensors, []),
  ],
  [
    'one whose convolution is an output',
    graphModel([node('Conv', ['x', 'w'], 'c'), norm('c', 'y')], normTensors, [], ['y', 'c']),
  ],
  [
    'one after computed weights',
    graphModel([node('Neg', ['w'], 'v'), node('Conv', ['x', 'v'], 'c'), norm('c', 'y')], normTensors, []),
  ],
  ['one that trains', graphModel([node('Conv', ['x', 'w'], 'c'), training], normTensors, [])],
  [
    'one of another number of channels',
    graphModel(
      [node('Conv', ['x', 'w'], 'c'), norm('c', 'y')],
      { ...normTensors, mean: tensorOf(new Float32Array(1), [1]) },
      [],
    ),
  ],
  ['one of an old version', { ...old, opsets: new Map([['', 7]]) }],
])('%s stays', (_, model) => {
  expect(operatorsOf(foldBatchNormNodes(model))).toEqual(operatorsOf(model));
});

test('graphs with branches stay as they are', () => {
  using model = readOnnx(fixture('onnx-graphs', 'every-type.onnx'));
  expect([foldConstants(model), foldBatchNormNodes(model)]).toEqual([model, model]);
});

test('operators of versions 9 to 12 run the same under version 13', async () => {
  const model = { ...old, opsets: new Map([['', 11]]) };
  const raised = raiseOpset(model)!;

  expect(raised.opsets.get('')).toBe(13);
  const values = uniformFloats(75, 8);
  expect((await runOnnx(raised, values, [1, 3, 5, 5])).outputs).toEqual(
    (await runOnnx(model, values, [1, 3, 5, 5])).outputs,
  );
});

test('an operator that changed keeps its version, and newer ones have no need', () => {
  const softmax = graphModel([node('Softmax', ['x'], 'y')], {}, ['N', 2, 3]);
  expect(raiseOpset({ ...softmax, opsets: new Map([['', 11]]) })).toBeNull();
  expect(raiseOpset({ ...old, opsets: new Map([['', 8]]) })).toBeNull();
  expect(raiseOpset(softmax)).toBe(softmax);
});
