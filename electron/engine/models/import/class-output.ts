/** @file Which output of an unknown classifier holds the classes, and which its features. */
import { AppError } from '#core/errors.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import type { TrialResult } from '../../inference/trial-protocol.ts';

export interface ClassOutput {
  name: string;
  classCount: number;
  /** 'unknown' where the numbers fit neither: neither a distribution nor free of bounds. */
  kind: 'logits' | 'scores' | 'unknown';
  features: string | null;
}

type Outputs = TrialResult['batches'][number]['outputs'];

/**
 * Judge by a probe of several pictures.
 *
 * @param outputs  of one batch of at least two rows
 * @throws {AppError} 'model.unsupported' if no output looks like one row of classes a picture
 */
export function findClassOutput(outputs: Outputs): ClassOutput {
  const flat = Object.entries(outputs).flatMap(([name, { shape, values }]) => {
    const [rows = 0, columns = 0, ...rest] = shape;
    const fits = shape.length >= 2 && columns >= 2 && rest.every((size) => size === 1);
    return fits && values.every(Number.isFinite) ? [{ name, rows, columns, kind: kindOf(values, rows) }] : [];
  });
  const logits = flat.find(({ name, kind }) => /logit/i.test(name) && kind !== 'scores');
  const scores = flat.find(({ kind }) => kind === 'scores');
  // With both at hand, logits of the same classes: they can be calibrated.
  const raw = scores && flat.find((output) => output.kind === 'logits' && output.columns === scores.columns);
  const chosen = logits ?? raw ?? scores ?? flat.find(({ name }) => !isFeatureName(name)) ?? flat[0];
  if (!chosen) {
    const found = Object.entries(outputs).map(([name, { shape }]) => `"${name}" [${shape.join(', ')}]`);
    throw new AppError(
      'model.unsupported',
      `None of the outputs gives one finite score a class: ${found.join(', ').slice(0, 300) || 'there are none'}`,
    );
  }
  const features = flat.find((output) => output !== chosen && output.columns !== chosen.columns);
  return { name: chosen.name, classCount: chosen.columns, kind: chosen.kind, features: features?.name ?? null };
}

function isFeatureName(name: string): boolean {
  return /feat|embed|pool/i.test(name);
}

function kindOf(values: Float32Array, rows: number): ClassOutput['kind'] {
  if (values.some((value) => value < 0 || value > 1)) {
    return values.some((value) => value < 0) ? 'logits' : 'unknown';
  }
  const columns = values.length / rows;
  for (let row = 0; row < rows; row++) {
    const sum = values.subarray(row * columns, (row + 1) * columns).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-3) return 'unknown';
  }
  return 'scores';
}

/**
 * The tensor that the last fully connected layer reads, when it is a row of features a picture.
 *
 * @param output  name of the class output
 */
export function findFeatures(model: OnnxModel, output: string): { name: string; width: number } | null {
  const producers = new Map<string, OnnxNode>();
  for (const node of model.graph.nodes) for (const name of node.outputs) producers.set(name, node);
  let node = producers.get(output);
  // Between the layer and the output only what changes no shape.
  for (let steps = 0; node && steps < 8; steps++) {
    if (node.operator === 'Gemm' || node.operator === 'MatMul') break;
    if (!['Softmax', 'Sigmoid', 'Add', 'Mul', 'Div', 'Identity', 'Dropout', 'Cast'].includes(node.operator))
      return null;
    node = producers.get(node.inputs[0] ?? '') ?? producers.get(node.inputs[1] ?? '');
  }
  const [features = '', weight = ''] = node?.inputs ?? [];
  const shape = model.graph.initializers.get(weight)?.shape;
  if (!node || shape?.length !== 2 || !producers.has(features)) return null;
  const transposed = node.operator === 'Gemm' && node.attributes.get('transB')?.value === 1;
  return { name: features, width: shape[transposed ? 1 : 0]! };
}

/** The same graph with one more output. */
export function withFeatures(model: OnnxModel, { name, width }: { name: string; width: number }): OnnxModel {
  const outputs = [...model.graph.outputs, { name, type: 'float32', shape: ['N', width] }];
  return { ...model, graph: { ...model.graph, outputs } };
}
