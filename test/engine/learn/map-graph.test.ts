import { describe, expect, test } from 'vitest';
import { findMap } from '../../../electron/engine/learn/map-graph.ts';
import type { OnnxModel, OnnxNode } from '../../../electron/engine/models/onnx/model.ts';
import { bytesTensor, graphModel, node } from '../../support/onnx-run.ts';

const axes = (...values: bigint[]) => bytesTensor('int64', [values.length], BigInt64Array.from(values));
/** Two categories over three channels. */
const byCategory = bytesTensor('float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
const byChannel = bytesTensor('float32', [3, 2], Float32Array.of(1, 4, 2, 5, 3, 6));
const biases = bytesTensor('float32', [2], Float32Array.of(0, 0));

/** A map 'map' of three channels, 4 × 4 cells, then what is given. */
function network(nodes: OnnxNode[], inputShape: (number | string)[] = ['N', 3, 4, 4]): OnnxModel {
  const initializers = { byCategory, byChannel, biases, last: axes(2n, 3n), first: axes(-3n, -2n) };
  return graphModel([node('Relu', ['x'], 'map'), ...nodes], initializers, inputShape);
}

const flatten = node('Flatten', ['pooled'], 'features');
const gemm = node('Gemm', ['features', 'byCategory', 'biases'], 'y', { transB: 1 });
const outputs = { logits: 'y' };

describe('the mean over the map is recognised', () => {
  test.each<[string, OnnxNode[], boolean]>([
    ['GlobalAveragePool', [node('GlobalAveragePool', ['map'], 'pooled'), flatten, gemm], false],
    ['ReduceMean by attribute', [node('ReduceMean', ['map'], 'features', { axes: [2, 3], keepdims: 0 }), gemm], false],
    ['ReduceMean by input', [node('ReduceMean', ['map', 'last'], 'pooled'), flatten, gemm], false],
    ['ReduceMean with channels last', [node('ReduceMean', ['map', 'first'], 'pooled'), flatten, gemm], true],
    [
      'a window of the size of the map',
      [node('AveragePool', ['map'], 'pooled', { kernel_shape: [4, 4] }), flatten, gemm],
      false,
    ],
  ])('as %s', (_, nodes, channelsLast) => {
    expect(findMap(network(nodes), outputs)).toMatchObject({ name: 'map', channelsLast });
  });

  test.each<[string, OnnxNode[]]>([
    ['the largest cell', [node('GlobalMaxPool', ['map'], 'pooled'), flatten, gemm]],
    ['a part of the cells', [node('AveragePool', ['map'], 'pooled', { kernel_shape: [2, 2] }), flatten, gemm]],
    ['one axis', [node('ReduceMean', ['map'], 'pooled', { axes: [3] }), flatten, gemm]],
    [
      'a mean that something is done to',
      [node('GlobalAveragePool', ['map'], 'mean'), node('Relu', ['mean'], 'pooled'), flatten, gemm],
    ],
  ])('and %s is not', (_, nodes) => {
    expect(() => findMap(network(nodes), outputs)).toThrow(
      expect.objectContaining({ code: 'model.unsupported' }) as Error,
    );
  });
});

describe('the weights of the classifier, by category', () => {
  const pool = node('GlobalAveragePool', ['map'], 'pooled');
  test.each<[string, OnnxNode[]]>([
    ['Gemm', [gemm]],
    ['Gemm of weights by channel', [node('Gemm', ['features', 'byChannel', 'biases'], 'y')]],
    [
      'MatMul, Add and Softmax',
      [
        node('MatMul', ['features', 'byChannel'], 'product'),
        node('Add', ['product', 'biases'], 'sum'),
        node('Softmax', ['sum'], 'y'),
      ],
    ],
    [
      'a learned head, which reads features of length 1',
      [
        node('Flatten', ['features'], 'row'),
        node('LpNormalization', ['row'], 'direction'),
        node('Gemm', ['direction', 'byCategory', 'biases'], 'y', { transB: 1 }),
      ],
    ],
  ])('are read from %s', (_, nodes) => {
    const { classifier } = findMap(network([pool, flatten, ...nodes]), { ...outputs, features: 'features' });

    expect(classifier).toEqual({ weights: Float32Array.of(1, 2, 3, 4, 5, 6), width: 3 });
  });

  test('are unknown where a layer lies between, but the map is there for a head', () => {
    const between = [
      node('Relu', ['features'], 'hidden'),
      node('Gemm', ['hidden', 'byCategory', 'biases'], 'y', { transB: 1 }),
    ];
    const model = network([pool, flatten, ...between]);

    expect(findMap(model, { ...outputs, features: 'features' })).toEqual({
      name: 'map',
      channelsLast: false,
      classifier: null,
    });
  });
});
