/** @file What the app says about two models side by side, in English. */
import { formatFor } from '../format.ts';

const { count, percent, finePercent, plural } = formatFor('en');
const pictures = (value: number) => `${count(value)} ${plural(value, 'picture', 'pictures')}`;

export const compare = {
  compare: {
    dataset: 'Dataset',
    first: 'First model',
    second: 'Second model',
    noDataset: 'Label a folder with two models, then compare them here.',
    tooFew:
      'Fewer than two models have labeled this dataset. Choose another model for new runs, label it again, and come back.',
    labeled: (title: string, value: number) => `${title} (${count(value)})`,
    nothing: 'There is no picture that both have labeled.',
    agreement: 'Same best category',
    agreed: (agreed: number, total: number) => `${count(agreed)} of ${pictures(total)}`,
    model: 'Model',
    meanScore: 'Mean best score',
    correct: 'Right by your decisions',
    correctOf: (correct: number, total: number) =>
      `${finePercent(total ? correct / total : 0)}, ${count(correct)} of ${count(total)}`,
    undecided: 'Decide some pictures under Review to see which model is right more often.',
    differ: 'Where they differ most often',
    pictures: 'Pictures',
    perCategory: 'How often each names a category',
    category: 'Category',
    difference: 'Difference',
    all: 'They never differ.',
    share: (share: number) => percent(share),
  },
};
