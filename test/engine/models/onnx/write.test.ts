import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tensorOf } from '#core/tensor.ts';
import { inspectOnnx } from '../../../../electron/engine/models/onnx/inspect.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { writeOnnx } from '../../../../electron/engine/models/onnx/write.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-write-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function node(operator: string, inputs: string[], outputs: string[], attributes: Record<string, OnnxAttribute> = {}) {
  return {
    name: outputs[0]!,
    operator,
    domain: '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  } satisfies OnnxNode;
}

/** y = LeakyRelu(Conv(x) + bias), flattened: one attribute of each frequent type. */
function smallModel(): OnnxModel {
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([['', 17]]),
    graph: {
      name: 'small',
      nodes: [
        node('Conv', ['x', 'w'], ['conv'], {
          kernel_shape: { type: 'ints', value: [1, 1] },
          auto_pad: { type: 'string', value: 'VALID' },
        }),
        node('Constant', [], ['bias'], { value: { type: 'tensor', value: tensorOf(Float32Array.of(-10), [1]) } }),
        node('Add', ['conv', 'bias'], ['sum']),
        node('LeakyRelu', ['sum'], ['relu'], { alpha: { type: 'float', value: 0.5 } }),
        node('Flatten', ['relu'], ['y'], { axis: { type: 'int', value: -3 } }),
      ],
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 2, 1, 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', null] }],
      initializers: new Map([['w', tensorOf(Float32Array.of(1, 10), [1, 2, 1, 1])]]),
    },
  };
}

test('what is written runs in the runtime and gives what the graph says', async () => {
  const path = join(folder, 'small.onnx');
  const { sizeBytes, sha256 } = await writeOnnx(path, smallModel());

  const bytes = readFileSync(path);
  expect(sizeBytes).toBe(bytes.length);
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(() => inspectOnnx(path, sizeBytes)).not.toThrow();

  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, -4), [1, 2, 1, 2]) });
  // 1 + 30 − 10 and 2 − 40 − 10, halved below zero.
  expect(Array.from(y!.data as Float32Array)).toEqual([21, -24]);
  expect(y!.dims).toEqual([1, 2]);
  await session.release();
});

test('an output whose type is not known is written by its name, and the runtime finds the type', async () => {
  const path = join(folder, 'untyped.onnx');
  const model = smallModel();
  model.graph.outputs = [{ name: 'y', type: 'other', shape: [] }];
  await writeOnnx(path, model);

  const session = await InferenceSession.create(path);
  expect(session.outputMetadata[0]).toMatchObject({ name: 'y', type: 'float32' });
  await session.release();
});

test('an input whose type is not known is refused', async () => {
  const model = smallModel();
  model.graph.inputs = [{ name: 'x', type: 'other', shape: [] }];

  await expect(writeOnnx(join(folder, 'input.onnx'), model)).rejects.toMatchObject({ code: 'model.invalid' });
});

test('a model of 2 GiB is refused before any weight is read', async () => {
  const model = smallModel();
  let readCount = 0;
  const half = {
    type: 'float32' as const,
    shape: [2 ** 28],
    bytes: () => {
      readCount++;
      return new Uint8Array(2 ** 30);
    },
  };
  model.graph.initializers.set('one', half);
  model.graph.initializers.set('two', half);

  await expect(writeOnnx(join(folder, 'large.onnx'), model)).rejects.toMatchObject({ code: 'model.invalid' });
  expect(readCount).toBe(0);
});

test('when a tensor cannot be read, the old file stays and nothing else is left behind', async () => {
  const own = mkdtempSync(join(folder, 'failing-'));
  const path = join(own, 'model.onnx');
  writeFileSync(path, 'old');
  const model = smallModel();
  model.graph.initializers.set('w', { type: 'float32', shape: [1, 2, 1, 1], bytes: () => new Uint8Array(7) });

  await expect(writeOnnx(path, model)).rejects.toMatchObject({ code: 'model.corrupt' });
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(own)).toEqual(['model.onnx']);
});

test('tensors are read one at a time, each when its turn comes', async () => {
  const model = smallModel();
  const order: number[] = [];
  const controller = new AbortController();
  for (let index = 0; index < 5; index++) {
    model.graph.initializers.set(`unused${index}`, {
      type: 'uint8',
      shape: [4],
      bytes: () => {
        order.push(index);
        if (index === 2) controller.abort();
        return new Uint8Array(4);
      },
    });
  }

  const writing = writeOnnx(join(folder, 'aborted.onnx'), model, { signal: controller.signal });
  await expect(writing).rejects.toMatchObject({ code: 'aborted' });
  expect(order).toEqual([0, 1, 2]);
});

test('a folder that does not exist ends in export.failed', async () => {
  const writing = writeOnnx(join(folder, 'nowhere', 'model.onnx'), smallModel());
  await expect(writing).rejects.toMatchObject({ code: 'export.failed' });
});
