/** @file What every import format offers, and what it gets to read. */
import type { FileLabels, ImportFormat, InvalidEntry, TableMapping, TableShape } from '#core/label-import.ts';

/** What is known of a file or folder before anything in it is believed. */
export interface ImportBeginning {
  /** Absolute. */
  path: string;
  /** Name in lower case. */
  name: string;
  isFolder: boolean;
  /** The first 64 KiB of a file; empty for a folder. */
  bytes: Uint8Array;
  /** `bytes` as UTF-8 (UTF-16 with a byte order mark), without the mark. */
  text: string;
  /** Names of what lies directly in a folder, at most 1,000, sorted; folders end with a slash. */
  names: readonly string[];
}

/** One thing of the file: labels of a picture, or why an entry says none. */
export type ImportEntry = FileLabels | { invalid: string; why?: InvalidEntry; file: string; place: string };

export interface ReadOptions {
  table: TableMapping | null;
  /** Called now and then with how far the reading is. */
  onBytes(bytesRead: number): void;
}

export interface Importer extends ImportFormat {
  /**
   * How sure it is that this is its format, in [0, 1]; 0: certainly not. The surest importer reads; a person may
   * choose another one.
   */
  recognises(beginning: ImportBeginning): number;
  /**
   * Entries in the order of the file, one per picture where the format says so. Streams: a file of a million entries is
   * never in memory as a whole. What a file says about one picture in several lines comes as several entries in a row
   * with the same `file`; they are joined.
   *
   * @throws {AppError} 'input.invalid' with a plain sentence that says where and what is wrong when the whole is no such
   *   file; a single wrong entry is yielded as invalid instead
   */
  read(beginning: ImportBeginning, options: ReadOptions): AsyncIterable<ImportEntry>;
  /** Tables only: what was found in it, and how it will be read. */
  shape?(beginning: ImportBeginning, table: TableMapping | null): Promise<TableShape>;
}

/** Labels longer than this are no labels. As in the contract for names. */
export const maxNameLength = 512;
/** A file that names more categories than this is no file of labels. */
export const maxCategories = 20_000;
