/** @file Small datasets for export tests. */
import { defaultExportOptions, type ExportOptions, type ExportRow } from '#core/export-options.ts';
import {
  chooseRows,
  type ExportCategory,
  type ExportSource,
  type FileExporter,
  type FolderExporter,
} from '../../../electron/engine/export/exporter.ts';
import { exporterFor } from '../../../electron/engine/export/index.ts';

export const dataOptions: ExportOptions = { ...defaultExportOptions, topK: 2 };
export const spreadsheetOptions: ExportOptions = { ...dataOptions, dialect: 'spreadsheet' };

const base: ExportRow = {
  imageId: 1,
  fileName: 'a.jpg',
  source: '/photos/spring',
  width: 640,
  height: 480,
  status: 'done',
  error: '',
  review: 'unreviewed',
  categoryId: null,
  label: '',
  score: null,
  rank: null,
  origin: null,
};

export function row(fields: Partial<ExportRow>): ExportRow {
  return { ...base, ...fields };
}

export const categories: ExportCategory[] = [
  { id: 7, name: 'dog', supercategory: 'animal/mammal' },
  { id: 12, name: '=sum, "the" cat', supercategory: '' },
];

/** One of each kind: predicted twice, decided, failed before decoding, failed but labeled by hand, never reached. */
export const mixedRows: ExportRow[] = [
  row({
    imageId: 3,
    fileName: 'walk/dog, wet.jpg',
    categoryId: 7,
    label: 'dog',
    score: 0.81234567,
    rank: 1,
    origin: 'prediction',
  }),
  row({
    imageId: 3,
    fileName: 'walk/dog, wet.jpg',
    categoryId: 12,
    label: '=sum, "the" cat',
    score: 0.1,
    rank: 2,
    origin: 'prediction',
  }),
  row({
    imageId: 4,
    fileName: '-1.png',
    review: 'corrected',
    categoryId: 12,
    label: '=sum, "the" cat',
    rank: 1,
    origin: 'decision',
  }),
  row({
    imageId: 5,
    fileName: 'broken "one".jpg',
    width: null,
    height: null,
    status: 'failed',
    error: 'image.damaged',
  }),
  row({
    imageId: 6,
    fileName: 'by-hand.heic',
    width: null,
    height: null,
    status: 'failed',
    error: 'image.unsupported',
    review: 'accepted',
    categoryId: 7,
    label: 'dog',
    rank: 1,
    origin: 'decision',
  }),
  row({ imageId: 9, fileName: 'émile\n🌷.jpg', width: 3, height: 4000, status: 'pending' }),
];

export function exportSource(rows: ExportRow[], more: Partial<ExportSource> = {}): ExportSource {
  const folders = [...new Set(rows.map(({ source }) => source))];
  return {
    datasetName: 'Spring',
    folders,
    rows: (choice) => chooseRows(rows, choice),
    categories: () => categories,
    leaveOut: () => {},
    groupOf: () => undefined,
    ...more,
  };
}

/** A format that is one file. */
export function fileExporter(format: string): FileExporter {
  const exporter = exporterFor(format);
  if (exporter.target !== 'file') throw new Error(`${format} is a folder`);
  return exporter;
}

/** A format that is a folder. */
export function folderExporter(format: string): FolderExporter {
  const exporter = exporterFor(format);
  if (exporter.target !== 'folder') throw new Error(`${format} is a file`);
  return exporter;
}
