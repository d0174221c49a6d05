/** @file Small programs of a few operators, converted and computed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorOf, type LazyTensor } from '../../../electron/core/tensor.ts';
import type { OnnxModel } from '../../../electron/engine/models/onnx/model.ts';
import { parseProgramDesc } from '../../../electron/engine/models/paddle/program-desc.ts';
import { paddleToOnnx } from '../../../electron/engine/models/paddle/to-onnx.ts';
import type { Weights } from './params.ts';
import { PdmodelWriter, type Attribute, type Operator } from './pdmodel.ts';
import { runModel } from './run.ts';

export type Parameters = Record<string, Weights>;

/** Values without a pattern, the same every time. */
export function numbers(...shape: number[]): Weights {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, values: Float32Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898 + shape.length) * 2) };
}

export function tensors(parameters: Parameters): Map<string, LazyTensor> {
  return new Map(Object.entries(parameters).map(([name, { shape, values }]) => [name, tensorOf(values, shape)]));
}

/** A program of the given operators on 'x', fetched as 'y'. */
export function convert(operators: Operator[], shape: number[], parameters: Parameters = {}): OnnxModel {
  const writer = new PdmodelWriter();
  writer.input('x', shape);
  for (const [name, { shape: own }] of Object.entries(parameters)) writer.parameter(name, own);
  for (const operator of operators) writer.operator(operator);
  writer.output('y');
  return paddleToOnnx(parseProgramDesc(writer.encode()), tensors(parameters));
}

export async function compute(operators: Operator[], x: Weights, parameters: Parameters = {}): Promise<Weights> {
  const folder = mkdtempSync(join(tmpdir(), 'paddle-operators-'));
  try {
    const { y } = await runModel(convert(operators, [-1, ...x.shape.slice(1)], parameters), folder, x);
    return y!;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An operator from 'x' to 'y'. */
export function unary(type: string, attributes: Record<string, Attribute> = {}): Operator {
  return { type, inputs: { X: ['x'] }, outputs: { Out: ['y'] }, attributes };
}
