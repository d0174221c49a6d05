import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBatchFree } from '../../../../electron/engine/models/onnx/batch.ts';
import type { OnnxModel, OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { writeOnnx } from '../../../../electron/engine/models/onnx/write.ts';
import { fixture } from '../../../support/pictures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-batch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const graph = (name: string) => fixture('onnx-graphs', `${name}.onnx`);

/** Outputs for pictures of a fixed wave, `rows` at a time, joined. */
async function run(path: string, rows: number, pictureCount: number): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const input = session.inputMetadata[0]!;
  const dims = input.isTensor ? input.shape.slice(1).map(Number) : [];
  const length = dims.reduce((product, size) => product * size, 1);
  const pictures = Float32Array.from({ length: length * pictureCount }, (_, at) => Math.sin(at * at));
  const joined: Record<string, number[]> = {};
  for (let row = 0; row < pictureCount; row += rows) {
    const batch = pictures.subarray(row * length, (row + rows) * length);
    const outputs = await session.run({ [input.name]: new Tensor('float32', batch, [rows, ...dims]) });
    for (const [name, { data }] of Object.entries(outputs)) (joined[name] ??= []).push(...(data as Float32Array));
  }
  await session.release();
  return joined;
}

function expectClose(actual: Record<string, number[]>, expected: Record<string, number[]>): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const difference = Math.max(...values.map((value, index) => Math.abs(value - actual[name]![index]!)));
    expect(actual[name]).toHaveLength(values.length);
    expect(difference).toBeLessThan(1e-5);
  }
}

test.each([
  ['script-flatten', 1],
  ['script-rest', 1],
  ['script-ones', 1],
  ['script-mean', 1],
  ['script-attention', 1],
  ['script-two-rows', 2],
  ['dynamo-flatten', 1],
  ['dynamo-rest', 1],
  ['dynamo-attention', 1],
  ['shared-shape', 1],
  ['version-3', 1],
  ['quantized', 1],
])('%s takes any number of pictures and gives each what it gave before', async (name, rows) => {
  using fixed = readOnnx(graph(name));
  const free = makeBatchFree(fixed)!;
  const path = join(folder, `${name}.onnx`);
  await writeOnnx(path, free);

  expect(free.graph.inputs[0]!.shape[0]).toBe('N');
  expect(free.graph.outputs.map(({ shape }) => shape[0])).toEqual(free.graph.outputs.map(() => 'N'));
  const expected = await run(graph(name), rows, 4);
  expectClose(await run(path, 4, 4), expected);
  expectClose(await run(path, 1, 4), expected);
});

test('the model that was read stays as it is', () => {
  using fixed = readOnnx(graph('script-rest'));
  const before = structuredClone({ inputs: fixed.graph.inputs, names: [...fixed.graph.initializers.keys()] });
  const reshape = fixed.graph.nodes.find(({ operator }) => operator === 'Reshape')!;
  const inputs = [...reshape.inputs];

  expect(makeBatchFree(fixed)).not.toBe(fixed);
  expect({ inputs: fixed.graph.inputs, names: [...fixed.graph.initializers.keys()] }).toEqual(before);
  expect(reshape.inputs).toEqual(inputs);
});

test.each(['script-free', 'dynamo-free'])('%s is free already', (name) => {
  using model = readOnnx(graph(name));
  expect(makeBatchFree(model)).toBe(model);
});

test('a row that is made for a fixed batch and joined to the pictures cannot be changed', () => {
  using model = readOnnx(graph('expand'));
  expect(makeBatchFree(model)).toBeNull();
});

test('functions that the file defines stay', () => {
  using model = readOnnx(graph('function'));
  expect(makeBatchFree(model)!.functions).toEqual(model.functions);
});

/** x → one node → y, with a shape among the initializers. */
function oneNode(node: Partial<OnnxNode>, shape: number[], output: (number | string)[] = [1, 8]): OnnxModel {
  const bytes = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
  return {
    irVersion: 8,
    producer: '',
    opsets: new Map([['', 17]]),
    graph: {
      name: '',
      nodes: [
        { name: '', operator: '', domain: '', inputs: ['x', 's'], outputs: ['y'], attributes: new Map(), ...node },
      ],
      inputs: [{ name: 'x', type: 'float32', shape: [1, 2, 2, 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: output }],
      initializers: new Map([['s', { type: 'int64', shape: [shape.length], bytes: () => bytes }]]),
    },
  };
}

function shapeOf(model: OnnxModel | null): number[] | undefined {
  const tensor = model?.graph.initializers.get(model.graph.nodes[0]!.inputs[1]!);
  return tensor && Array.from(new BigInt64Array(tensor.bytes().slice().buffer), Number);
}

test.each([
  [
    [1, 8],
    [-1, 8],
  ],
  [
    [1, -1],
    [0, -1],
  ],
  [
    [0, -1],
    [0, -1],
  ],
  [
    [-1, 8],
    [-1, 8],
  ],
  [
    [2, 4],
    [-1, 4],
  ],
  [
    [1, 0, -1],
    [0, 0, -1],
  ],
])('a reshape to %j becomes one to %j', (shape, expected) => {
  expect(shapeOf(makeBatchFree(oneNode({ operator: 'Reshape' }, shape)))).toEqual(expected);
});

test('a reshape that is left with two unknown sizes cannot be changed', () => {
  expect(makeBatchFree(oneNode({ operator: 'Reshape' }, [2, -1]))).toBeNull();
});

test('where 0 is a size, it is not used as "the same"', () => {
  const attributes: OnnxNode['attributes'] = new Map([['allowzero', { type: 'int', value: 1 }]]);
  const free = makeBatchFree(oneNode({ operator: 'Reshape', attributes }, [1, -1]));

  expect(shapeOf(free)).toEqual([0, -1]);
  expect(free!.graph.nodes[0]!.attributes.get('allowzero')).toEqual({ type: 'int', value: 0 });
  expect(makeBatchFree(oneNode({ operator: 'Reshape', attributes }, [1, 0]))).toBeNull();
});

test('a flatten of everything keeps the pictures apart', () => {
  const attributes: OnnxNode['attributes'] = new Map([['axis', { type: 'int', value: 0 }]]);
  const free = makeBatchFree(oneNode({ operator: 'Flatten', inputs: ['x'], attributes }, []));

  expect(free!.graph.nodes[0]!.attributes.get('axis')).toEqual({ type: 'int', value: 1 });
});

test.each([
  ['an output without the batch', oneNode({ operator: 'Relu', inputs: ['x'] }, [], [8])],
  ['a squeezed batch', oneNode({ operator: 'Squeeze' }, [0], [2, 2, 2])],
  ['sizes of a resize', oneNode({ operator: 'Resize', inputs: ['x', '', '', 's'] }, [1, 2, 4, 4])],
  ['an expanded batch', oneNode({ operator: 'Expand' }, [4, 2, 2, 2], [4, 2, 2, 2])],
])('%s cannot be changed', (_, model) => {
  expect(makeBatchFree(model)).toBeNull();
});

test('a model with two inputs cannot be changed', () => {
  const model = oneNode({ operator: 'Relu', inputs: ['x'] }, []);
  model.graph.inputs.push({ name: 'size', type: 'int64', shape: [1, 2] });

  expect(makeBatchFree(model)).toBeNull();
});
