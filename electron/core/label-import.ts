/** @file Labels that come from a file or folder of another tool: what is asked for and what is found. */
import type { ReviewState } from './image.ts';

export interface ImportFormat {
  id: string;
  title: string;
  target: 'file' | 'folder';
}

/** What becomes of pictures that somebody decided about already and the file decides otherwise. */
export const conflictRules = ['keep', 'replace', 'add'] as const;
export type ConflictRule = (typeof conflictRules)[number];

export const tableEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export const tableDelimiters = [',', ';', '\t', '|'] as const;

/** How to read a table. Columns are 0-based places; null: there is none. */
export interface TableMapping {
  encoding: (typeof tableEncodings)[number];
  delimiter: (typeof tableDelimiters)[number];
  /** Whether the first line names the columns. */
  header: boolean;
  file: number;
  label: number;
  score: number | null;
  /** A review state in the words of our own exports. */
  review: number | null;
  /** The chosen folder a relative path is meant from. */
  folder: number | null;
  /** What parts several labels in one cell; null: a cell is one label. */
  separator: string | null;
  /** Every column that is none of the others above is a category, with 1 where a picture has it; `label` is the first. */
  oneHot: boolean;
}

/** What a table looks like, for the person who says which column is which. */
export interface TableShape {
  mapping: TableMapping;
  /** With the first few values of each; at most 100 of them. */
  columns: { name: string; examples: string[] }[];
}

export interface ImportOptions {
  /** Of `ImportFormat`; null: the one that was recognised. */
  format: string | null;
  /** Take what a file only predicts as decided, too. */
  predictions: boolean;
  /** Leave out what is predicted with a lower score, in [0, 1]. */
  minScore: number;
  /** Tables only; null: as found. */
  table: TableMapping | null;
}

export const defaultImportOptions: ImportOptions = { format: null, predictions: false, minScore: 0, table: null };

/** One picture as a file of labels names it. */
export interface FileLabels {
  /** Path or name as written, with forward slashes. */
  file: string;
  /** The name lacks its extension. */
  withoutExtension?: boolean;
  /** The folder that `file` is relative to, where the file says; absolute. */
  folder?: string;
  /** Where the picture lies that came along with the labels, absolute; it is compared by content if need be. */
  picture?: string;
  /** In the order of the file, without doubles; none: the file says nothing about the picture. */
  categories: string[];
  /** What the file says about the person's review; null: nothing. 'unsure' and 'skipped' go without categories. */
  review: ReviewState | null;
  /** Said by a model, not by a person. */
  predicted: boolean;
  /** In [0, 1], of the first category; null for a decision. */
  score: number | null;
  /** Where it stands, for a person: 'line 12', 'image 7'. */
  place: string;
}

export const importProblems = ['unmatched', 'ambiguous', 'invalid', 'several'] as const;
/**
 * - unmatched: no picture of the dataset is meant;
 * - ambiguous: several pictures might be;
 * - invalid: the entry itself is wrong;
 * - several: more than one category, where a picture has one.
 */
export type ImportProblem = (typeof importProblems)[number];

/** The usual reasons why an entry itself is wrong, for sentences in the language of the person. */
export type InvalidEntry = 'no-file' | 'bad-name' | 'bad-label' | 'bad-score' | 'columns' | 'not-json';

/** The usual reasons why a file is no file of labels; `details.reason` of an 'input.invalid'. */
export const invalidFiles = [
  'empty',
  'unreadable',
  'unknown-format',
  'not-a-file',
  'one-column',
  'other-kind',
] as const;
export type InvalidFile = (typeof invalidFiles)[number];

/** What pressing "Import" would do. Nothing is changed by finding out. */
export interface ImportPlan {
  importId: number;
  fileName: string;
  /** Of `ImportFormat`, as it was read. */
  format: string;
  /** Null unless it is a table. */
  table: TableShape | null;
  /** Pictures the file says something about, one entry each. */
  entryCount: number;
  /** How they were matched; a picture named twice counts once, what is said last holds. */
  matched: { byPath: number; byName: number; byContent: number };
  problems: Record<ImportProblem, number>;
  /** The first hundred, in the order of the file; `reason` is one plain English sentence. */
  firstProblems: { problem: ImportProblem; file: string; place: string; reason: string; why?: InvalidEntry }[];
  /** Entries that only predict and are left out because of `predictions` or `minScore`. */
  leftOut: number;
  /** Of the entries that count: our own predictions in which somebody changed the label and left the score. */
  edited: number;
  /** Pictures that are decided already just so. */
  unchanged: number;
  /** Pictures that are decided otherwise. */
  conflicts: number;
  /** Pictures that nobody has decided about. */
  fresh: number;
  /** Names that no category of the dataset has; the first hundred of `newCategoryCount`. */
  newCategories: string[];
  newCategoryCount: number;
  /** The first twenty pictures as they would become. */
  examples: { file: string; name: string; now: string[]; categories: string[] }[];
}

export interface LabelImportProgress {
  importId: number;
  /** Of the file; 0 where unknown. */
  bytesRead: number;
  totalBytes: number;
  entryCount: number;
}
