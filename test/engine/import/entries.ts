/** @file Files of labels for import tests, and what is read from them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileLabels, TableMapping } from '#core/label-import.ts';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import type { Importer, ImportBeginning, ImportEntry } from '../../../electron/engine/import/importer.ts';

const corpus = join(import.meta.dirname, '../../fixtures/corpus');

export function corpusFile(name: string): Buffer {
  return readFileSync(join(corpus, name));
}

export function corpusTexts(name: 'names' | 'labels'): string[] {
  return JSON.parse(corpusFile(`${name}.json`).toString()) as string[];
}

/** A file of that name for as long as `use` takes. */
export async function withFile<T>(
  name: string,
  content: string | Uint8Array,
  use: (beginning: ImportBeginning) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-import-'));
  try {
    const path = join(folder, name);
    await writeFile(path, content);
    return await use(await readBeginning(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function readAll(
  importer: Importer,
  name: string,
  content: string | Uint8Array,
  table: TableMapping | null = null,
): Promise<ImportEntry[]> {
  return withFile(name, content, async (beginning) => {
    const entries: ImportEntry[] = [];
    for await (const entry of importer.read(beginning, { table, onBytes: () => {} })) entries.push(entry);
    return entries;
  });
}

/** Entries in short: `file: labels`, with what else they say behind it. */
export function inShort(entries: readonly ImportEntry[]): string[] {
  return entries.map((entry) => {
    if ('invalid' in entry) return `${entry.place}: ${entry.invalid}`;
    const more = [entry.predicted ? `predicted ${entry.score}` : '', entry.review ?? ''].filter((text) => text !== '');
    const labels = entry.categories.join(' + ');
    return `${entry.file}: ${labels}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
  });
}

export function labelsOf(entries: readonly ImportEntry[]): FileLabels[] {
  return entries.filter((entry): entry is FileLabels => !('invalid' in entry));
}
