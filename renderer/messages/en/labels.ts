/** @file What the app says about labels from other tools, and about exports under a name, in English. */
import type { ConflictRule, ImportProblem } from '#core/label-import.ts';
import { formatFor } from '../format.ts';

const { count, plural } = formatFor('en');
const pictures = (value: number) => `${count(value)} ${plural(value, 'picture', 'pictures')}`;
const entries = (value: number) => `${count(value)} ${plural(value, 'entry', 'entries')}`;

export const labels = {
  labels: {
    title: 'Import labels',
    open: 'Import labels…',
    start:
      'Take over what was decided in another tool or in a spreadsheet. Pictures are found by path, name or content.',
    safe: 'Nothing changes before you press Import, and one Undo takes all of it back.',
    file: 'Choose file…',
    folder: 'Choose folder…',
    other: 'Choose another…',
    cancel: 'Cancel',
    reading: 'Reading',
    readSoFar: (value: number) => `${entries(value)} read`,
    importing: 'Taking over labels',
    problem: {
      file: 'This cannot be imported',
      plan: 'It cannot be read like this',
      import: 'Nothing was imported',
    },
    otherWay: 'Try another format or other columns.',
    format: 'Format',
    found: (value: number, total: number) => `${count(value)} of ${entries(total)} found here`,
    foundBy: { path: 'by path', name: 'by name', content: 'by content' },
    nothing: 'No label in it is for a picture here.',
    fact: {
      fresh: 'Not yet decided',
      unchanged: 'Already so',
      conflicts: 'Decided otherwise',
      problems: 'Left out',
    },
    edited: (value: number) =>
      `${count(value)} ${plural(value, 'prediction was', 'predictions were')} edited in the file and ${plural(value, 'counts', 'count')} as decided.`,
    newCategories: (value: number) => `${count(value)} new ${plural(value, 'category', 'categories')}`,
    more: (value: number) => `and ${count(value)} more`,
    conflicts: (value: number) => `${pictures(value)} ${plural(value, 'is', 'are')} decided otherwise here`,
    conflictRule: {
      keep: 'Keep my decisions',
      replace: 'Replace them with the file',
      add: 'Add the categories of the file to mine',
    } satisfies Record<ConflictRule, string>,
    predictions: 'Take predictions, too',
    predictionsHint: (value: number) =>
      value === 0
        ? 'They count as decided.'
        : `${entries(value)} only ${plural(value, 'predicts', 'predict')} and stay out.`,
    minScore: 'Lowest score',
    examples: 'How pictures change',
    example: { file: 'Picture', now: 'Now', becomes: 'Becomes' },
    none: 'none',
    problems: (value: number) => `${entries(value)} cannot be taken over`,
    problemKind: {
      unmatched: 'Not here',
      ambiguous: 'Several fit',
      invalid: 'Wrong',
      several: 'Several categories',
    } satisfies Record<ImportProblem, string>,
    several: (value: number) =>
      `${entries(value)} ${plural(value, 'has', 'have')} several categories, and pictures here have one each.`,
    letSeveral: 'Let pictures have several',
    table: 'Columns',
    tableMore: 'More about the table',
    column: { file: 'File', label: 'Label', score: 'Score', review: 'Review state', folder: 'Folder' },
    noColumn: 'none',
    delimiter: 'Between columns',
    delimiterOption: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar |' },
    encoding: 'Encoding',
    header: 'The first line names the columns',
    separator: 'Between labels of a cell',
    noSeparator: 'One label per cell',
    separatorOption: { ';': 'Semicolon', ',': 'Comma', '|': 'Bar |', ' ': 'Space', '/': 'Slash' },
    oneHot: 'A column for each category, with 1 where it applies',
    submit: (value: number) => (value === 0 ? 'Nothing to import' : `Import ${pictures(value)}`),
  },
  profiles: {
    presets: 'Presets',
    presetsNone: 'Save these choices under a name to use them again.',
    everywhere: 'every dataset',
    use: (name: string) => `Use the preset ${name}`,
    remove: (name: string) => `Remove ${name}`,
    name: 'Name',
    forAll: 'For every dataset',
    save: 'Save preset…',
    submit: 'Save',
    cancel: 'Cancel',
    files: 'Kept in step',
    filesHint: 'Rewritten about five seconds after you decide something.',
    filesOnly: 'Only formats of one file can be kept in step.',
    keep: 'Keep a file in step…',
    keepOn: (name: string) => `Keep ${name} in step`,
    written: (when: string) => `Written ${when}`,
    waiting: 'Not written yet',
    off: 'Paused',
  },
  keywords: {
    where: 'Where',
    whereOption: {
      sidecar: 'Files beside the photos (digiKam, darktable)',
      'sidecar-lightroom': 'Files beside RAW photos (Lightroom)',
      inside: 'Inside the photos',
    },
    sidecarHint: 'A small .xmp file is written beside each photo; the photos stay as they are.',
    insideHint: 'Keywords in the photos are added to; pictures stay as they are. RAW photos are left out.',
    keepTime: 'Keep the time of the files',
    confirm: 'Yes, write inside my photos',
    save: 'Write keywords',
    saving: (value: number) => `${pictures(value)} looked at`,
    done: (value: number) => `Keywords written to ${count(value)} ${plural(value, 'file', 'files')}`,
    stop: 'Stop',
    restore: (value: number) => `Take back from ${count(value)} ${plural(value, 'file', 'files')}`,
    restored: (value: number) => `${count(value)} ${plural(value, 'file', 'files')} as before`,
  },
};
