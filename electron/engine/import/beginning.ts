/** @file The first look at a file or folder that a person chose to take labels from. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { Importer, ImportBeginning } from './importer.ts';
import { importers } from './index.ts';
import { markedEncoding } from './table-text.ts';

const beginningBytes = 64 * 1024;
const maxNames = 1000;
/** Files in a chosen folder that may be what is meant, and how many of them are looked at. */
const labelFile = /\.(csv|tsv|txt|json|jsonl|xml|parquet)$/i;
const maxLabelFiles = 20;
/** Below this an importer is only guessing. */
const sureFrom = 0.3;

/** @throws {AppError} 'input.invalid' for what is empty, neither file nor folder, or cannot be read */
export async function readBeginning(path: string): Promise<ImportBeginning> {
  try {
    const stats = await stat(path);
    const name = basename(path).toLowerCase();
    if (stats.isDirectory()) {
      const entries = await readdir(path, { withFileTypes: true });
      const names = entries.map((entry) => entry.name + (entry.isDirectory() ? '/' : '')).sort();
      return { path, name, isFolder: true, bytes: new Uint8Array(), text: '', names: names.slice(0, maxNames) };
    }
    if (!stats.isFile())
      throw new AppError('input.invalid', `${path} is not a regular file`, { details: { path, reason: 'not-a-file' } });
    if (stats.size === 0)
      throw new AppError('input.invalid', `${basename(path)} is empty`, { details: { path, reason: 'empty' } });
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    return { path, name, isFolder: false, bytes, text: textOf(bytes), names: [] };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input.invalid', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      details: { path, reason: 'unreadable' },
    });
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder(markedEncoding(bytes)).decode(bytes, { stream: true });
}

/** The surest importer for it; null when none is. */
export function recognise(beginning: ImportBeginning): { importer: Importer; sureness: number } | null {
  let best: { importer: Importer; sureness: number } | null = null;
  for (const importer of importers) {
    if ((importer.target === 'folder') !== beginning.isFolder) continue;
    const sureness = importer.recognises(beginning);
    if (sureness > (best?.sureness ?? 0)) best = { importer, sureness };
  }
  return best;
}

/**
 * What to read, and by which importer. A folder that no importer of folders is sure of may hold the file that is meant.
 *
 * @throws {AppError} 'input.invalid' when nothing in it is known
 */
export async function findLabels(path: string): Promise<{ beginning: ImportBeginning; importer: Importer }> {
  const beginning = await readBeginning(path);
  let best = { beginning, ...recognise(beginning) };
  if (beginning.isFolder) {
    for (const name of beginning.names.filter((name) => labelFile.test(name)).slice(0, maxLabelFiles)) {
      const inside = await readBeginning(join(path, name)).catch(() => null);
      const found = inside && recognise(inside);
      if (found && found.sureness > Math.max(sureFrom, best.sureness ?? 0)) best = { beginning: inside, ...found };
    }
  }
  const { importer } = best;
  if (importer) return { beginning: best.beginning, importer };
  throw new AppError('input.invalid', `${basename(path)} is not in any format that labels can be read from`, {
    details: { path, reason: 'unknown-format' },
  });
}
