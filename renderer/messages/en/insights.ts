/** @file What the insights screen says, in English. */
import { formatFor } from '../format.ts';

const { count, percent, plural } = formatFor('en');
const pictures = (value: number) => `${count(value)} ${plural(value, 'picture', 'pictures')}`;

export const insights = {
  insights: {
    title: 'Insights',
    hint: (name: string) => `What your decisions and the predictions say about ${name}.`,
    noDataset: 'Open a folder first.',
    loading: 'Counting…',
    numbers: 'Numbers',
    numbersOf: (title: string) => `Numbers: ${title}`,
    saveAs: (title: string, form: string) => `Save as ${form}: ${title}`,
    saved: (fileName: string) => `Saved ${fileName}`,
    nothingDecided: 'Nothing has been decided yet.',
    nothingLabeled: 'Nothing has been labeled yet.',
    progress: {
      title: 'Progress',
      hint: (reviewed: number, total: number) => `${count(reviewed)} of ${pictures(total)} reviewed, by day.`,
      day: 'Day',
    },
    categories: {
      title: 'Categories',
      hint: (shown: number, total: number) =>
        shown < total ? `The ${count(shown)} most frequent of ${count(total)}.` : 'How many pictures each has.',
    },
    scores: { title: 'Scores', hint: 'How sure the best prediction of each picture is.', range: 'Score' },
    reliability: {
      title: 'Can scores be believed?',
      hint: 'How often predictions of a score were right, of the pictures decided. On the dashed line they can. Counted is what was predicted before each was decided.',
      right: 'Right',
      mean: 'Mean score',
    },
    confusion: {
      title: 'Confused categories',
      hint: (value: number) =>
        `Decided (down) against what was predicted before that (across), ${pictures(value)}. Choose a cell to see them.`,
      decided: 'Decided',
      predicted: 'Predicted',
    },
    agreement: {
      title: 'Model and person over time',
      hint: 'How often the best prediction was right, in the order pictures were decided.',
      from: 'From',
      share: (agreed: number, decided: number) => `${percent(agreed / Math.max(1, decided))} of ${count(decided)}`,
    },
    folders: {
      title: 'Folders',
      hint: 'Folders with unreadable pictures come first.',
      folder: 'Folder',
      pictures: 'Pictures',
      failed: 'Unreadable',
      size: 'Size',
      none: 'No folder has pictures.',
      show: 'Show unreadable pictures',
    },
    cell: (decided: string, predicted: string, value: number) =>
      decided === predicted
        ? `${decided}, predicted as such: ${pictures(value)}`
        : `${decided}, predicted as ${predicted}: ${pictures(value)}`,
    accepted: 'Accepted',
    corrected: 'Corrected',
    unsure: 'Unsure',
    skipped: 'Skipped',
    decided: 'Decided',
    undecided: 'Not decided',
    predicted: 'Predicted',
    picturesHead: 'Pictures',
    category: 'Category',
  },
};
