/** @file Heads with made-up weights, and what they say of a row of features: the arithmetic written out. */
import type { HeadModel } from '../../electron/engine/learn/head-model.ts';
import type { ModelLabel } from '../../electron/engine/models/manifest.ts';
import { uniformFloats } from './onnx-run.ts';

export const headLabelsOfTest: ModelLabel[] = [
  { name: 'golden retriever', supercategory: 'dog', wordnetId: 'n02099601', path: ['animal', 'dog'] },
  { name: 'Grandma', supercategory: '', wordnetId: null, path: [] },
  { name: '生日', supercategory: 'party', wordnetId: null, path: ['party'] },
];

/** Three categories; weights as large as those of fitted heads. */
export function randomHead(width: number, changes: Partial<HeadModel> = {}): HeadModel {
  return {
    categoryIds: [11, 12, 13],
    width,
    weights: uniformFloats(3 * width, 7, 6),
    biases: Float32Array.of(0.3, -0.2, 0.1),
    temperature: 1.7,
    multiLabel: false,
    ...changes,
  };
}

/** @param features  shape [D] */
export function headScores(head: HeadModel, features: Float32Array): number[] {
  const length = Math.hypot(...features);
  const logits = head.categoryIds.map((_, category) => {
    let sum = head.biases[category]!;
    for (let at = 0; at < head.width; at++) sum += (head.weights[category * head.width + at]! * features[at]!) / length;
    return sum / head.temperature;
  });
  if (head.multiLabel) return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const powers = logits.map((logit) => Math.exp(logit));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
