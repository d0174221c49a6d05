/** @file A Paddle program and its parameters as an ONNX model. */
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from '../onnx/model.ts';
import { Conversion } from './conversion.ts';
import { featuresName, showFeatures } from './features.ts';
import { convertOperator } from './operators.ts';
import { unsupported, type PaddleProgram } from './program.ts';

/** Operator set 17 came with IR version 8. Source: onnx, docs/Versioning.md. */
const versions = { ir: 8, opset: 17 };
const batch = 'N';

/**
 * The input keeps the name of the feed, each output that of its fetch; pooled features become one more output,
 * `features` [N, D], where a last fully connected layer is found. A softmax stays where it is.
 *
 * @param parameters  by name
 * @throws {AppError} 'model.unsupported' naming what has no counterpart, 'model.invalid' if the program is incomplete
 */
export function paddleToOnnx(program: PaddleProgram, parameters: ReadonlyMap<string, LazyTensor>): OnnxModel {
  const conversion = new Conversion(program, parameters, [featuresName]);
  const keepsBatch = program.operators.some(({ type, attributes }) => {
    const shape = attributes.get('shape');
    return type === 'reshape2' && Array.isArray(shape) && (shape[0] as number) > 0;
  });
  const inputs = program.feeds.map(({ value, name, shape }): OnnxValue => {
    if (shape.length === 0) throw unsupported(`the size of the input "${name}" is not stated`);
    return { name: conversion.define(value, name), type: 'float32', shape: edgeShape(shape, keepsBatch) };
  });
  for (const { name } of inputs) conversion.reserve(name);
  for (const operator of program.operators) convertOperator(operator, conversion);

  const { nodes, initializers } = conversion;
  const outputs = program.fetches.map(({ value, name }): OnnxValue => {
    const shape = edgeShape(conversion.shapeOf(value) ?? [], keepsBatch);
    return { name: nameOutput(conversion, value, name), type: 'float32', shape };
  });
  const graph = { name: 'paddle', nodes, inputs, outputs, initializers };
  showFeatures(graph, batch);
  return { irVersion: versions.ir, producer: 'PaddlePaddle', opsets: new Map([['', versions.opset]]), graph };
}

/** The batch is free unless some reshape says how large it is. */
function edgeShape(shape: readonly number[], keepsBatch: boolean): (number | string | null)[] {
  return shape.map((size, at) => {
    if (at === 0 && (size < 1 || !keepsBatch)) return batch;
    return size < 1 ? (['', 'C', 'H', 'W'][at] ?? null) : size;
  });
}

/** Have the value's maker write it under the name of the fetch. @returns that name, or another one if it is taken */
function nameOutput(conversion: Conversion, value: string, wanted: string): string {
  const current = conversion.nameOf(value);
  const maker = conversion.nodes.find(({ outputs }) => outputs[0] === current);
  if (!maker) throw new AppError('model.unsupported', `The Paddle model computes nothing for its output "${wanted}"`);
  if (current === wanted) return wanted;
  const name = conversion.reserve(wanted);
  renameValue(conversion.nodes, current, name);
  conversion.rename(current, name);
  return name;
}

function renameValue(nodes: readonly OnnxNode[], from: string, to: string): void {
  for (const { inputs, outputs } of nodes) {
    for (const names of [inputs, outputs]) {
      names.forEach((name, at) => {
        if (name === from) names[at] = to;
      });
    }
  }
}
