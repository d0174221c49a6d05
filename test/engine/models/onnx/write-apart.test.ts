import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx, readOnnxBytes } from '../../../../electron/engine/models/onnx/read.ts';
import { writeOnnxApart } from '../../../../electron/engine/models/onnx/write-apart.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { runOnnx, uniformFloats } from '../../../support/onnx-run.ts';
import { fixture } from '../../../support/pictures.ts';
import { inIntegers, onnxBytes, smallResnext, smallSide } from '../../../support/resnext-model.ts';

test.each([
  ['floats', smallResnext()],
  ['integers', inIntegers(smallResnext())],
])('weights that lie apart give the same bits: %s', async (_, model) => {
  const shape = [2, 3, smallSide, smallSide];
  const values = uniformFloats(2 * 3 * smallSide * smallSide, 1, 2);
  const path = await writeOnnxApart(temporaryFolder(), model);
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const { logits } = await session.run({ input: new Tensor('float32', values, shape) });
  await session.release();
  const together = await runOnnx(model, values, shape);

  expect(statSync(path).size).toBeLessThan(200_000);
  expect(statSync(join(path, '..', 'weights')).size).toBeGreaterThan(5_000_000);
  expect(logits!.data).toEqual(together.outputs['logits']);
});

test('such a model is none that anybody else could bring', async () => {
  const path = await writeOnnxApart(temporaryFolder(), smallResnext());

  expect(() => readOnnx(path)).toThrow('its weights lie in another file');
});

test('a file in memory reads as one on the disk, and its weights are views into it', async () => {
  const bytes = new Uint8Array(await onnxBytes(smallResnext()));
  const model = readOnnxBytes(bytes);
  const weight = model.graph.initializers.get('layer1.0.conv1.weight')!.bytes();
  expect(weight.buffer).toBe(bytes.buffer);

  const path = fixture('onnx-graphs', 'every-type.onnx');
  using onDisk = readOnnx(path);
  const inMemory = readOnnxBytes(new Uint8Array(readFileSync(path)));
  const plain = (node: OnnxNode) => ({ ...node, attributes: [...node.attributes.keys()] });
  expect(inMemory.graph.nodes.map(plain)).toEqual(onDisk.graph.nodes.map(plain));
  for (const [name, tensor] of onDisk.graph.initializers) {
    expect.soft(inMemory.graph.initializers.get(name)!.bytes(), name).toEqual(tensor.bytes());
  }
});

test('a file in memory that ends early is no model', async () => {
  const bytes = new Uint8Array(await onnxBytes(smallResnext()));

  expect(() => readOnnxBytes(bytes.subarray(0, bytes.length - 10))).toThrow(
    expect.objectContaining({ code: 'model.invalid' }),
  );
});
