/** @file Which labels a model gets: a person's list, ImageNet's, or plain numbers. */
import { AppError } from '#core/errors.ts';
import type { ImportProposal, LabelSource } from '#core/model-import.ts';
import type { ModelLabel } from '../manifest.ts';
import { imagenetLabels } from './imagenet.ts';

const imagenetCount = 1000;
/** Enough to see whether the order is right. */
const firstCount = 5;

/** @param fileLabels  a list that fits, or null */
export function labelProposals(classCount: number, fileLabels: ModelLabel[] | null): ImportProposal['labels'] {
  const found: [LabelSource, ModelLabel[]][] = [];
  if (fileLabels) found.push(['file', fileLabels]);
  if (classCount === imagenetCount) found.push(['imagenet-1k', imagenetLabels()]);
  found.push(['numbers', numbers(classCount)]);
  return found.map(([source, labels]) => ({
    source,
    count: labels.length,
    firstNames: labels.slice(0, firstCount).map(({ name }) => name),
  }));
}

/** @throws {AppError} 'model.unsupported' if the list does not fit the classes */
export function chosenLabels(source: LabelSource, classCount: number, fileLabels: ModelLabel[] | null): ModelLabel[] {
  if (source === 'numbers') return numbers(classCount);
  const labels = source === 'file' ? fileLabels : imagenetLabels();
  if (!labels) throw new AppError('model.unsupported', 'No list of labels has been chosen');
  if (labels.length === classCount) return labels;
  throw new AppError('model.unsupported', `The list has ${labels.length} labels, the model has ${classCount} classes`);
}

function numbers(count: number): ModelLabel[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `class ${index}`,
    supercategory: '',
    wordnetId: null,
    path: [],
  }));
}
