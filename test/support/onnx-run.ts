/** @file Run ONNX models that are only in memory, and look at what onnxruntime makes of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType, LazyTensor } from '#core/tensor.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../electron/engine/models/onnx/read.ts';
import { writeOnnx } from '../../electron/engine/models/onnx/write.ts';
import { seededRandom } from './pictures.ts';

export interface Run {
  /** Float outputs by name. */
  outputs: Record<string, Float32Array>;
  /** Operators of the graph that onnxruntime runs, in its order. */
  operators: string[];
}

/** @param values  of the one input, float32 */
export async function runOnnx(model: OnnxModel, values: Float32Array, shape: readonly number[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-run-'));
  try {
    const path = join(folder, 'model.onnx');
    const optimizedPath = join(folder, 'optimized.onnx');
    await writeOnnx(path, model);
    const session = await InferenceSession.create(path, {
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
      optimizedModelFilePath: optimizedPath,
    });
    const outputs: Run['outputs'] = {};
    const feeds = { [model.graph.inputs[0]!.name]: new Tensor('float32', values, shape) };
    for (const [name, { data }] of Object.entries(await session.run(feeds))) outputs[name] = data as Float32Array;
    await session.release();
    using optimized = readOnnx(optimizedPath);
    return { outputs, operators: optimized.graph.nodes.map(({ operator }) => operator) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The largest difference between two lists of the same length. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(actual[index]! - expected[index]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

export function bytesTensor(type: ElementType, shape: readonly number[], values: ArrayBufferView): LazyTensor {
  return { type, shape, bytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Uniform in ±`bound`, the same for the same seed. */
export function uniformFloats(count: number, seed: number, bound = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => bound * (2 * random() - 1));
}

export function node(
  operator: string,
  inputs: string[],
  output: string,
  attributes: Record<string, number | number[]> = {},
): OnnxNode {
  const entries = Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => [
    name,
    typeof value === 'number' ? { type: 'int', value } : { type: 'ints', value },
  ]);
  return { name: output, operator, domain: '', inputs, outputs: [output], attributes: new Map(entries) };
}

/** 'x' float32 of the given shape to 'y' float32, or the outputs that are named. */
export function graphModel(
  nodes: OnnxNode[],
  initializers: Record<string, LazyTensor>,
  inputShape: (number | string)[],
  outputs: string[] = ['y'],
): OnnxModel {
  return {
    irVersion: 8,
    producer: '',
    opsets: new Map([['', 17]]),
    graph: {
      name: 'test',
      nodes,
      inputs: [{ name: 'x', type: 'float32', shape: inputShape }],
      outputs: outputs.map((name) => ({ name, type: 'float32', shape: [] })),
      initializers: new Map(Object.entries(initializers)),
    },
  };
}
