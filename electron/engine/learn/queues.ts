/** @file Pictures of a view in the order in which it is worth looking at them. */
import type { ImageSort } from '#core/image-filter.ts';
import type { DecidedPicture } from '../store/embeddings.ts';
import { crossValidate, stratifiedFolds } from './cross-validation.ts';
import { diverseOrder } from './diverse.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import { countCategories, examplesOf, rowsOf } from './examples.ts';
import type { Multiplier } from './head-model.ts';
import { suspects } from './label-errors.ts';
import type { Nearness } from './nearness.ts';
import { similarities } from './neighbours.ts';
import type { PictureFacts } from './picture-facts.ts';
import { scoresOf } from './predict.ts';
import { sampleOrder } from './random-sample.ts';
import { sortedBy } from './sorting.ts';

const foldCount = 5;

export interface QueueParts {
  datasetId: number;
  /** Undefined while no picture has an embedding. */
  index: EmbeddingIndex | undefined;
  /** In the index. */
  decided: readonly DecidedPicture[];
  nearness: Nearness;
  facts: () => readonly PictureFacts[];
  multiplier: Multiplier;
}

/** @returns all of `imageIds`; of probable slips only the decided ones */
export async function queueOrder(imageIds: Int32Array, sort: ImageSort, parts: QueueParts): Promise<Int32Array> {
  const { datasetId, index, decided, nearness, facts, multiplier } = parts;
  if (sort.key === 'random') return sampleOrder(imageIds, datasetId);
  if (sort.key === 'wrong') {
    const isShown = new Set(imageIds);
    return (await slips(parts)).filter((id) => isShown.has(id));
  }
  if (sort.key === 'similar') {
    const row = index && sort.imageId !== undefined ? index.placeOf(sort.imageId) : -1;
    if (!index || row < 0) return imageIds;
    const found = await similarities(index, row, multiplier);
    return sortedBy(imageIds, (id) => -(found[index.placeOf(id)] ?? -2));
  }
  if (sort.key === 'novel') {
    const compared = decided.map(({ imageId }) => imageId);
    const found = index && (await nearness.similarities(index, compared));
    const isDecided = new Set(compared);
    return sortedBy(imageIds, (id) => (isDecided.has(id) ? 3 : (found?.[index!.placeOf(id)] ?? 2)));
  }
  const known = new Map(facts().map((fact) => [fact.imageId, fact]));
  if (sort.key === 'entropy') return sortedBy(imageIds, (id) => -(known.get(id)?.entropy ?? -1));
  return diverse(imageIds, (id) => known.get(id)?.margin ?? 2, parts);
}

/** Decided pictures, those first that heads which did not see them contradict most. */
async function slips({ index, decided, multiplier }: QueueParts): Promise<Int32Array> {
  if (!index || countCategories(decided).size < 2) return new Int32Array();
  const examples = examplesOf(decided, index, false);
  const folds = stratifiedFolds(examples.labels, examples.categoryIds.length, foldCount);
  const rounds = Array.from({ length: foldCount }, (_, fold) => fold);
  const held = await crossValidate(examples, folds, rounds, { multiLabel: false, multiplier });
  const scores = scoresOf(held.logits, { temperature: 1, multiLabel: false });
  const labels = held.labels.map((own) => own[0]!);
  return suspects(scores, labels).order.map((at) => examples.imageIds[held.rows[at]!]!);
}

/** Without an embedding, and decided ones: after the others, least sure first. */
async function diverse(
  imageIds: Int32Array,
  marginOf: (imageId: number) => number,
  { index, decided, multiplier }: QueueParts,
): Promise<Int32Array> {
  const unsureFirst = sortedBy(imageIds, marginOf);
  if (!index) return unsureFirst;
  const decidedIds = decided.map(({ imageId }) => imageId);
  const isDecided = new Set(decidedIds);
  const open = unsureFirst.filter((id) => index.placeOf(id) >= 0 && !isDecided.has(id));
  const rows = open.map((id) => index.placeOf(id));
  const uncertainty = Float32Array.from(open, (id) => Math.max(0, 1 - marginOf(id)));
  const { features } = index;
  const found = await diverseOrder({ features, rows, uncertainty, decided: rowsOf(index, decidedIds) }, multiplier);
  const isOpen = new Set(open);
  return Int32Array.from([...found.map((row) => index.imageIds[row]!), ...unsureFirst.filter((id) => !isOpen.has(id))]);
}
