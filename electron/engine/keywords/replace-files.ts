/** @file Put new versions in place of old ones, so that each is whole and none is forgotten, whatever happens in between. */
import { lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '#core/errors.ts';
import { exportError, syncFolder } from '../export/write-file.ts';
import type { KeywordsTable } from '../store/keywords.ts';
import { hashAt, keywordPath, type Replacement } from './keyword-file.ts';

/** @param failed  told of each file that stays as it was */
export async function replaceFiles(
  table: KeywordsTable,
  files: readonly Replacement[],
  failed: (file: Replacement, error: AppError) => void,
): Promise<void> {
  if (files.length === 0) return;
  table.stage(files.map(({ step }) => step));
  const done: { step: Replacement['step']; replaced: boolean }[] = [];
  for (const file of files) {
    try {
      await assertAsSeen(file);
      if (file.temporary) await rename(file.temporary, file.path);
      else await rm(file.path);
      done.push({ step: file.step, replaced: true });
    } catch (thrown) {
      await discard(file);
      failed(file, exportError(thrown, file.path));
      done.push({ step: file.step, replaced: false });
    }
  }
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder).catch(() => {});
  table.settle(done);
}

export async function discard({ temporary }: Replacement): Promise<void> {
  if (temporary) await rm(temporary, { force: true }).catch(() => {});
}

/** Files that were about to be replaced when the engine ended: those that were hold, the others are as they were. */
export async function settleDoubts(table: KeywordsTable): Promise<void> {
  const settled: Parameters<KeywordsTable['settle']>[0][number][] = [];
  for (const { imageId, place, step } of table.doubtful()) {
    const image = table.image(imageId);
    const found = image ? await hashAt(keywordPath(image, place)) : undefined;
    settled.push({ step, replaced: found === step.now.hash });
  }
  if (settled.length > 0) table.settle(settled);
}

/** Somebody else may have written since it was read. */
async function assertAsSeen({ path, seen }: Replacement): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  const isAsSeen = stats
    ? stats.isFile() && stats.size === seen?.sizeBytes && Math.trunc(stats.mtimeMs) === seen.modifiedMs
    : seen === null;
  if (!isAsSeen) throw new AppError('export.failed', `${path} was changed by somebody else just now`);
}
