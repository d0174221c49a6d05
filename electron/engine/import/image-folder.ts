/**
 * @file Hugging Face `imagefolder`: `metadata.jsonl` or `metadata.csv` with a `file_name` for each line, beside the
 * pictures or one level above them.
 *
 * Source of the format: the documentation of `datasets`, "Create an image dataset". Labels are in `labels` or `label`
 * (also `category`, `class`): a text, a number or several of them. `score` makes it a prediction. Without a metadata
 * file the folders are the classes, which is what class folders are for.
 */
import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { parse } from 'csv-parse';
import { AppError } from '#core/errors.ts';
import { reviewStates, type ReviewState } from '#core/image.ts';
import { hasPictureList, readPictureList } from './folder-picture-list.ts';
import { picturesIn } from './folder-pictures.ts';
import { textLines } from './folder-text.ts';
import type { ImportEntry, Importer } from './importer.ts';

const metadataNames = ['metadata.jsonl', 'metadata.csv'];
const labelColumns = ['labels', 'label', 'category', 'class'];
/** A longer record is none; also what is kept of a file that never ends a quote. */
const longestRecord = 1024 * 1024;

export const imageFolder: Importer = {
  id: 'imagefolder',
  title: 'Hugging Face imagefolder',
  target: 'folder',
  recognises({ isFolder, path, names }) {
    if (!isFolder) return 0;
    if (hasPictureList(path, 'imagefolder')) return 1;
    const folders = ['', ...names.filter((name) => name.endsWith('/')).slice(0, 20)];
    return folders.some((folder) => metadataNames.some((name) => existsSync(join(path, folder, name)))) ? 0.95 : 0;
  },
  async *read({ path: root }, options): AsyncGenerator<ImportEntry> {
    const list = await readPictureList(root, 'imagefolder');
    const files = await metadataFiles(root);
    if (files.length === 0) throw new AppError('input.invalid', 'The folder has no metadata.jsonl or metadata.csv');
    const pictureAt = picturesIn(root);
    let bytesBefore = 0;
    for (const file of files) {
      let bytes = 0;
      const count = (read: number) => {
        bytes = read;
        options.onBytes(bytesBefore + read);
      };
      const records = file.endsWith('.csv')
        ? csvRecords(join(root, file), count)
        : jsonRecords(join(root, file), count);
      for await (const { record, line } of records) {
        const place = `${file}, line ${line}`;
        const name = record?.get('file_name');
        if (typeof name !== 'string' || name === '') {
          yield { invalid: 'The line names no file_name', file: '', place };
          continue;
        }
        const path = posix.join(posix.dirname(file), name.replaceAll('\\', '/'));
        const labels = labelsOf(record!);
        const score = Number(record!.get('score') || Number.NaN);
        const isPredicted = score >= 0 && score <= 1;
        const review = reviewOf(record!.get('review'));
        const said = list.labels({
          path,
          categories: labels,
          isWhole: true,
          place,
          review,
          picture: await pictureAt(path),
        });
        const isKnown = said.folder !== undefined;
        yield isKnown || !isPredicted || review !== null ? said : { ...said, predicted: true, score };
      }
      bytesBefore += bytes;
    }
  },
};

type Row = AsyncGenerator<{ record: Map<string, unknown> | undefined; line: number }>;

/** At the top, in a split, or in `data/<split>`. */
async function metadataFiles(root: string): Promise<string[]> {
  const foldersIn = async (folder: string) =>
    (await readdir(join(root, folder), { withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isDirectory())
      .map((entry) => posix.join(folder, entry.name))
      .toSorted();
  const folders = ['.', ...(await foldersIn('.')), ...(await foldersIn('data'))];
  const files = folders.flatMap((folder) => metadataNames.map((name) => posix.join(folder, name)));
  return files.filter((file) => existsSync(join(root, file)));
}

async function* jsonRecords(path: string, onBytes: (bytes: number) => void): Row {
  for await (const { text, number: line } of textLines(path, onBytes)) {
    yield { record: objectIn(text), line };
  }
}

function objectIn(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

async function* csvRecords(path: string, onBytes: (bytes: number) => void): Row {
  const stream = createReadStream(path);
  const parser = stream.pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: longestRecord }),
  );
  stream.on('error', (error) => parser.destroy(error));
  let header: string[] | undefined;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      onBytes(stream.bytesRead);
      if (header)
        yield { record: new Map(header.map((name, column) => [name, record[column]])), line: parser.info.lines };
      else header = record;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('input.invalid', `metadata.csv cannot be read: ${why}`, { cause, details: { path } });
  }
}

function labelsOf(record: ReadonlyMap<string, unknown>): string[] {
  for (const column of labelColumns) {
    const value = record.get(column);
    const labels = (Array.isArray(value) ? (value as unknown[]) : [value])
      .filter((label) => typeof label === 'string' || typeof label === 'number')
      .map(String)
      .filter((label) => label !== '');
    if (labels.length > 0) return labels;
  }
  return [];
}

/** Nothing said is null. */
function reviewOf(value: unknown): ReviewState | null {
  const review = reviewStates.find((state) => state === value);
  return review === undefined || review === 'unreviewed' ? null : review;
}
