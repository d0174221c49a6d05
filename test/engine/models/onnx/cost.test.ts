import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { makeBatchFree } from '../../../../electron/engine/models/onnx/batch.ts';
import { countCost } from '../../../../electron/engine/models/onnx/cost.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { fixture, seededRandom, withFlippedBit } from '../../../support/pictures.ts';

const graph = (name: string) => fixture('onnx-graphs', `${name}.onnx`);

// Of the network before its export: torch.utils.flop_counter says 68,136 and 76,328 products; 1,197 parameters, of which
// the 16 of the normalization became 8 when it was folded.
test.each([
  ['script-flatten', 68_136],
  ['script-rest', 68_136],
  ['script-ones', 68_136],
  ['script-mean', 68_136],
  ['script-free', 68_136],
  ['script-two-rows', 68_136],
  ['script-attention', 76_328],
  ['dynamo-flatten', 68_136],
  ['dynamo-free', 68_136],
  ['dynamo-attention', 76_328],
])('%s costs what PyTorch counts', (name, macCount) => {
  using model = readOnnx(graph(name));
  const size = { height: 30, width: 30 };

  expect(countCost(model, size)).toEqual({ parameterCount: 1189, macCount });
  expect(countCost(makeBatchFree(model)!, size)).toEqual({ parameterCount: 1189, macCount });
});

test('the bundled model, which shrinks its pictures itself, can be counted at its own size only', () => {
  using model = readOnnx(new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname);
  const cost = countCost(model, { height: 224, width: 224 })!;

  // Its card says about 4.8 million; the two matrices that shrink pictures from 224 to 96 are numbers of it as well.
  expect((cost.parameterCount - 2 * 96 * 224) / 1e6).toBeCloseTo(4.8, 1);
  expect(cost.macCount / 1e6).toBeCloseTo(177, 0);
  expect(countCost(model, { height: 112, width: 112 })).toBeNull();
});

test('quantized weights count as weights, scales and zero points do not', () => {
  using model = readOnnx(graph('quantized'));

  // Two convolutions of 4 × 3 × 3 × 3 with the same weights, each over 4 × 4 positions.
  expect(countCost(model, { height: 8, width: 8 })).toEqual({ parameterCount: 108, macCount: 2 * 108 * 16 });
});

function node(operator: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}): OnnxNode {
  return { name: '', operator, domain: '', inputs, outputs: ['y'], attributes: new Map(Object.entries(attributes)) };
}

function oneNode(step: OnnxNode, tensors: Record<string, LazyTensor>, shape = ['N', 3, 8, 8] as (number | string)[]) {
  return {
    irVersion: 8,
    producer: '',
    opsets: new Map([['', 17]]),
    graph: {
      name: '',
      nodes: [step],
      inputs: [{ name: 'x', type: 'float32', shape }],
      outputs: [{ name: 'y', type: 'float32', shape: [] }],
      initializers: new Map(Object.entries(tensors)),
    },
  } satisfies OnnxModel;
}

const zeros = (...shape: number[]) => tensorOf(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape);

test('running statistics are not trained, scale and bias are', () => {
  const four = { scale: zeros(3), bias: zeros(3), mean: zeros(3), variance: zeros(3) };
  const model = oneNode(node('BatchNormalization', ['x', ...Object.keys(four)]), four);

  expect(countCost(model, { height: 8, width: 8 })).toEqual({ parameterCount: 6, macCount: 0 });
});

test('groups divide the work', () => {
  const model = oneNode(node('Conv', ['x', 'w', 'b'], { group: { type: 'int', value: 3 } }), {
    w: zeros(6, 1, 3, 3),
    b: zeros(6),
  });

  expect(countCost(model, { height: 8, width: 8 })).toEqual({ parameterCount: 60, macCount: 6 * 36 * 9 });
});

test('an unknown operator, or one that does not fit, is not counted', () => {
  const weights = { w: zeros(6, 2, 3, 3) };

  expect(countCost(oneNode(node('LSTM', ['x', 'w']), weights), { height: 8, width: 8 })).toBeNull();
  expect(countCost(oneNode(node('Conv', ['x', 'w']), weights), { height: 8, width: 8 })).toBeNull();
  expect(countCost(oneNode(node('Relu', ['x']), {}, ['N', 3]), { height: 8, width: 8 })).toBeNull();
});

test('a picture whose channels come last is followed too', () => {
  const perm = { type: 'ints' as const, value: [0, 3, 1, 2] };
  const model = oneNode(node('Transpose', ['x'], { perm }), { w: zeros(4, 3, 1, 1) }, ['N', 6, 4, 3]);
  model.graph.nodes[0]!.outputs = ['planes'];
  model.graph.nodes.push(node('Conv', ['planes', 'w']));

  expect(countCost(model, { height: 6, width: 4 })).toEqual({ parameterCount: 12, macCount: 12 * 24 });
});

test('operators that are named like what every object has are unknown as well', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const model = oneNode(node(name, ['x']), {});
    expect(countCost(model, { height: 8, width: 8 })).toBeNull();
  }
});

test('flipped bits end in a cost, in none, or in an AppError', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-cost-'));
  const path = join(folder, 'flipped.onnx');
  const random = seededRandom(3);
  let countedCount = 0;
  for (const name of ['script-free', 'script-attention', 'dynamo-attention', 'expand', 'shared-shape', 'quantized']) {
    const bytes = readFileSync(graph(name));
    for (let round = 0; round < 200; round++) {
      writeFileSync(path, withFlippedBit(bytes, random));
      try {
        using model = readOnnx(path);
        const cost = countCost(makeBatchFree(model) ?? model, { height: 30, width: 30 });
        if (cost) {
          countedCount++;
          expect(cost.macCount).toBeGreaterThanOrEqual(0);
        }
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'AppError', code: expect.stringMatching(/^model\.(invalid|corrupt)$/) });
      }
    }
  }
  rmSync(folder, { recursive: true });
  expect(countedCount).toBeGreaterThan(100);
});
