/** @file The 1,000 ImageNet classes with readable names, WordNet ids and what they belong to. */
import type { ModelLabel } from '../manifest.ts';
import imagenet from '../labels/imagenet-1k.json' with { type: 'json' };

let bySynset: ReadonlyMap<string, ModelLabel> | undefined;

/** In the order of the outputs of every ImageNet-1k model. */
export function imagenetLabels(): ModelLabel[] {
  return imagenet.labels.map(({ name, wordnetId, path }) => ({
    name,
    wordnetId,
    supercategory: path.at(-1) ?? '',
    path,
  }));
}

export function imagenetBySynset(): ReadonlyMap<string, ModelLabel> {
  bySynset ??= new Map(imagenetLabels().map((label) => [label.wordnetId!, label]));
  return bySynset;
}
