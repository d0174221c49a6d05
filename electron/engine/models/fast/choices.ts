/** @file What the person chose about integer forms: a small JSON file beside those made here. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { AppError } from '#core/errors.ts';

export interface Choices {
  /** @param sha256  of the float file; null when nobody chose */
  get(sha256: string): boolean | null;
  /** @throws {AppError} 'disk.full', 'file.denied', 'internal' if it cannot be written */
  set(sha256: string, use: boolean | null): void;
}

/** More models than anyone keeps; the oldest choice goes first. */
const limit = 1000;

const fileSchema = z.strictObject({ version: z.literal(1), use: z.record(z.string(), z.boolean()) });

/** @param path  absolute; a damaged file is an empty one */
export function openChoices(path: string): Choices {
  const chosen = read(path);
  return {
    get: (sha256) => chosen.get(sha256) ?? null,
    set(sha256, use) {
      chosen.delete(sha256);
      if (use !== null) chosen.set(sha256, use);
      for (const key of [...chosen.keys()].slice(0, Math.max(0, chosen.size - limit))) chosen.delete(key);
      save(path, chosen);
    },
  };
}

function save(path: string, chosen: ReadonlyMap<string, boolean>): void {
  const file: z.infer<typeof fileSchema> = { version: 1, use: Object.fromEntries(chosen) };
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  } catch (thrown) {
    const errno = (thrown as { code?: unknown }).code;
    if (errno !== 'EACCES' && errno !== 'EPERM' && errno !== 'EROFS') throw AppError.from(thrown);
    throw new AppError('file.denied', `${path} could not be written: permission denied`, { cause: thrown });
  }
}

function read(path: string): Map<string, boolean> {
  try {
    return new Map(Object.entries(fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).use));
  } catch {
    return new Map();
  }
}
