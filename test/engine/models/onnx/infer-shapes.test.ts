import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { inferShapes } from '../../../../electron/engine/models/onnx/infer-shapes.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { writeOnnx } from '../../../../electron/engine/models/onnx/write.ts';
import { fixture } from '../../../support/pictures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-shapes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the runtime says: every value of the graph as an output. @returns null if it refuses the graph */
async function actualShapes(model: OnnxModel, shape: number[]): Promise<Map<string, readonly number[]> | null> {
  const path = join(folder, 'all.onnx');
  const names = model.graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '');
  const outputs = names.map((name) => ({ name, type: 'other', shape: [] }));
  await writeOnnx(path, { ...model, graph: { ...model.graph, outputs } });
  try {
    const options = { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' } as const;
    const session = await InferenceSession.create(path, options);
    const count = shape.reduce((product, size) => product * size, 1);
    const feed = new Tensor('float32', new Float32Array(count), shape);
    const results = await session.run({ [model.graph.inputs[0]!.name]: feed });
    await session.release();
    return new Map(Object.entries(results).map(([name, { dims }]) => [name, dims]));
  } catch {
    return null;
  }
}

/** Of what nodes make. */
function inferredShapes(model: OnnxModel, shape: number[]): Map<string, readonly number[]> {
  const { shapes } = inferShapes(model, new Map([[model.graph.inputs[0]!.name, shape]]));
  const made = new Set(model.graph.nodes.flatMap(({ outputs }) => outputs));
  return new Map([...shapes].filter(([name]) => made.has(name)));
}

test.each([
  ['script-flatten', [1, 3, 30, 30]],
  ['script-rest', [1, 3, 30, 30]],
  ['script-attention', [1, 3, 30, 30]],
  ['script-two-rows', [2, 3, 30, 30]],
  ['script-free', [3, 3, 30, 30]],
  ['dynamo-attention', [1, 3, 30, 30]],
  ['dynamo-free', [2, 3, 30, 30]],
  ['expand', [1, 3, 8, 8]],
  ['quantized', [1, 3, 8, 8]],
])('each tensor of %s has the shape that the runtime gives it', async (name, shape) => {
  using model = readOnnx(fixture('onnx-graphs', `${name}.onnx`));

  expect(inferredShapes(model, shape)).toEqual(await actualShapes(model, shape));
});

test('each tensor of the bundled model has the shape that the runtime gives it', async () => {
  using model = readOnnx(new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname);

  expect(inferredShapes(model, [1, 3, 224, 224])).toEqual(await actualShapes(model, [1, 3, 224, 224]));
});

const ints = (...value: number[]): OnnxAttribute => ({ type: 'ints', value });
const int = (value: number): OnnxAttribute => ({ type: 'int', value });
const string = (value: string): OnnxAttribute => ({ type: 'string', value });
const zeros = (...shape: number[]) => tensorOf(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape);
function longs(...values: number[]): LazyTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { type: 'int64', shape: [values.length], bytes: () => bytes };
}

interface Step {
  operator: string;
  inputs?: string[];
  outputs?: string[];
  attributes?: Record<string, OnnxAttribute>;
  tensors?: Record<string, LazyTensor>;
}

function graphOf(steps: Step[], shape: number[], opset = 17): OnnxModel {
  const nodes = steps.map(({ operator, inputs, outputs, attributes = {} }, index): OnnxNode => {
    const previous = index === 0 ? 'x' : `y${index - 1}`;
    return {
      name: '',
      operator,
      domain: '',
      inputs: inputs ?? [previous],
      outputs: outputs ?? [`y${index}`],
      attributes: new Map(Object.entries(attributes)),
    };
  });
  return {
    irVersion: 8,
    producer: '',
    opsets: new Map([['', opset]]),
    graph: {
      name: '',
      nodes,
      inputs: [{ name: 'x', type: 'float32', shape }],
      outputs: [],
      initializers: new Map(steps.flatMap(({ tensors = {} }) => Object.entries(tensors))),
    },
  };
}

describe('operators agree with the runtime', () => {
  test.each<[string, Step[]]>([
    ['Concat at the end', [{ operator: 'Concat', inputs: ['x', 'x'], attributes: { axis: int(-1) } }]],
    ['Flatten at another axis', [{ operator: 'Flatten', attributes: { axis: int(-2) } }]],
    ['Transpose without an order', [{ operator: 'Transpose' }]],
    ['Transpose', [{ operator: 'Transpose', attributes: { perm: ints(0, 2, 3, 1) } }]],
    ['ReduceMean of some axes', [{ operator: 'ReduceMean', attributes: { axes: ints(-1, 1), keepdims: int(0) } }]],
    ['ReduceMean of all', [{ operator: 'ReduceMean' }]],
    ['ReduceSum by an input', [{ operator: 'ReduceSum', inputs: ['x', 'axes'], tensors: { axes: longs(2) } }]],
    [
      'ReduceSum of nothing',
      [
        {
          operator: 'ReduceSum',
          inputs: ['x', 'axes'],
          tensors: { axes: longs() },
          attributes: { noop_with_empty_axes: int(1) },
        },
      ],
    ],
    ['Reshape', [{ operator: 'Reshape', inputs: ['x', 's'], tensors: { s: longs(0, -1, 2) } }]],
    ['Unsqueeze', [{ operator: 'Unsqueeze', inputs: ['x', 'a'], tensors: { a: longs(0, -1) } }]],
    [
      'Squeeze of what was added',
      [
        { operator: 'Unsqueeze', inputs: ['x', 'a'], tensors: { a: longs(0, 2) } },
        { operator: 'Squeeze', inputs: ['y0', 'b'], tensors: { b: longs(-4) } },
        { operator: 'Squeeze' },
      ],
    ],
    ['Pad', [{ operator: 'Pad', inputs: ['x', 'p'], tensors: { p: longs(0, 0, 1, 2, 0, 0, 3, 4) } }]],
    ['Expand', [{ operator: 'Expand', inputs: ['x', 's'], tensors: { s: longs(5, 1, 3, 1, 1) } }]],
    ['Add of other ranks', [{ operator: 'Add', inputs: ['x', 'b'], tensors: { b: zeros(2, 1, 3, 1, 1) } }]],
    [
      'Slice',
      [
        {
          operator: 'Slice',
          inputs: ['x', 'from', 'to', 'axes', 'steps'],
          tensors: { from: longs(1, -3), to: longs(99, -1), axes: longs(2, -1), steps: longs(2, 1) },
        },
      ],
    ],
    [
      'Gather',
      [{ operator: 'Gather', inputs: ['x', 'i'], tensors: { i: longs(0, 2) }, attributes: { axis: int(-1) } }],
    ],
    [
      'Split by sizes',
      [
        {
          operator: 'Split',
          inputs: ['x', 'sizes'],
          outputs: ['a', 'b'],
          tensors: { sizes: longs(1, 5) },
          attributes: { axis: int(3) },
        },
      ],
    ],
    ['Split into equal parts', [{ operator: 'Split', outputs: ['a', 'b', 'c'], attributes: { axis: int(-1) } }]],
    [
      'a shape that is computed from the picture',
      [
        { operator: 'Shape' },
        { operator: 'Slice', inputs: ['y0', 'from', 'to'], tensors: { from: longs(0), to: longs(2) } },
        { operator: 'Concat', inputs: ['y1', 'rest'], tensors: { rest: longs(-1) }, attributes: { axis: int(0) } },
        { operator: 'Reshape', inputs: ['x', 'y2'] },
        { operator: 'MatMul', inputs: ['y3', 'w'], tensors: { w: zeros(24, 7) } },
      ],
    ],
    [
      'Gemm of turned matrices',
      [
        { operator: 'Flatten' },
        {
          operator: 'Gemm',
          inputs: ['y0', 'w', 'c'],
          attributes: { transA: int(1) },
          tensors: { w: zeros(1, 5), c: zeros(5) },
        },
        { operator: 'Gemm', inputs: ['y1', 'v'], attributes: { transB: int(1) }, tensors: { v: zeros(9, 5) } },
      ],
    ],
  ])('%s', async (_, steps) => {
    const shape = [1, 3, 4, 6];
    const model = graphOf(steps, shape);
    const actual = await actualShapes(model, shape);

    expect(actual).not.toBeNull();
    expect(inferredShapes(model, shape)).toEqual(actual);
  });

  test('windows of any size, stride, padding, dilation and rounding', async () => {
    const small = fc.integer({ min: 1, max: 4 });
    const settings = fc.record({
      operator: fc.constantFrom('Conv', 'MaxPool', 'AveragePool'),
      sides: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
      kernel: fc.tuple(small, small),
      strides: fc.tuple(small, small),
      dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      ceil: fc.boolean(),
    });
    let agreedCount = 0;
    await fc.assert(
      fc.asyncProperty(settings, async ({ operator, sides, kernel, strides, dilations, pads, autoPad, ceil }) => {
        const isConv = operator === 'Conv';
        const attributes = {
          strides: ints(...strides),
          kernel_shape: ints(...kernel),
          ...(autoPad === 'NOTSET' ? { pads: ints(...pads) } : { auto_pad: string(autoPad) }),
          ...(autoPad.startsWith('SAME') ? {} : { dilations: ints(...dilations) }),
          ...(!isConv && { ceil_mode: int(Number(ceil)) }),
        };
        const weights: Partial<Step> = isConv ? { inputs: ['x', 'w'], tensors: { w: zeros(5, 2, ...kernel) } } : {};
        const shape = [1, 2, ...sides];
        const model = graphOf([{ operator, attributes, ...weights }], shape, 19);
        const actual = await actualShapes(model, shape);
        const padding = (axis: number) => (autoPad === 'NOTSET' ? pads[axis]! + pads[axis + 2]! : 0);
        const extent = (axis: number) => (kernel[axis]! - 1) * dilations[axis]! + 1;
        const fits = autoPad.startsWith('SAME') || [0, 1].every((axis) => sides[axis]! + padding(axis) >= extent(axis));
        // The runtime refuses more padding than window, but rounds towards one window where none fits.
        if (!actual || !fits) return;
        agreedCount++;
        expect(inferredShapes(model, shape)).toEqual(actual);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(agreedCount).toBeGreaterThan(100);
  });
});
