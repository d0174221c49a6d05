/** @file What the app says about exporting, in English. */
import { formatFor } from '../format.ts';

const { count, percent, plural } = formatFor('en');

export const exporting = {
  export: {
    title: 'Export',
    format: 'Format',
    include: 'Labels',
    includeOption: {
      both: 'Decisions, else predictions',
      decisions: 'Only decisions',
      predictions: 'Only predictions',
    },
    wholePaths: 'Whole paths of pictures',
    level: 'How general',
    levelHint: 'Scores of predictions that become one label are added up.',
    levelOption: { own: 'As labeled (golden retriever)', parent: 'One level up (dog)', top: 'Most general (animal)' },
    topK: 'Predictions per picture',
    minScore: 'Lowest score',
    minScoreHint: 'Leaves out weaker predictions. Decisions always stay.',
    review: 'Which pictures',
    reviewOption: {
      all: 'All',
      decided: 'Reviewed',
      undecided: 'Not reviewed',
      unsure: 'Marked as unsure',
      skipped: 'Skipped',
    },
    dialect: 'Made for',
    dialectOption: { data: 'Scripts (RFC 4180)', spreadsheet: 'Excel and LibreOffice' },
    pictures: 'Pictures',
    picturesHint: 'Your own files are never changed.',
    picturesOption: {
      copy: 'Copy into the folder',
      'hard-link': 'Hard links (same disk, no space)',
      symlink: 'Links to where they are',
      none: 'Leave out, labels only',
    },
    split: 'Split',
    splitHint: 'By category; near duplicates stay together.',
    noSplit: 'Everything together',
    splitOption: (train: number, val: number, test: number) =>
      test > 0
        ? `Training ${percent(train)}, validation ${percent(val)}, test ${percent(test)}`
        : `Training ${percent(train)}, validation ${percent(val)}`,
    preview: 'Preview',
    previewHint: 'The first lines of the file',
    emptyPreview: 'Nothing to export with these choices.',
    rows: (value: number) => `${count(value)} ${plural(value, 'row', 'rows')}`,
    save: 'Save…',
    saving: (value: number) => `${count(value)} ${plural(value, 'row', 'rows')} written`,
    done: (file: string, rows: number, size: string) =>
      `Saved ${file}: ${count(rows)} ${plural(rows, 'row', 'rows')}, ${size}`,
    leftOut: (value: number) =>
      `${count(value)} ${plural(value, 'picture', 'pictures')} left out, because the format cannot carry ${plural(value, 'it', 'them')}`,
    noDataset: 'Label a folder first, then export its labels here.',
  },
};
