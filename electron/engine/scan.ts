/** @file Bring a dataset's list of pictures up to date with its folders. */
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScanProgress } from '#core/run.ts';
import { readPicture } from './picture-file.ts';
import type { datasetsTable, SourceRow } from './store/datasets.ts';
import type { imagesTable, KnownFile, MoveCandidate, SeenFile } from './store/images.ts';
import { idSet } from './store/id-set.ts';
import type { scanProblemsTable } from './store/scan-problems.ts';
import { walk, type Problem } from './walk.ts';

export interface ScanTables {
  datasets: ReturnType<typeof datasetsTable>;
  images: ReturnType<typeof imagesTable>;
  scanProblems: ReturnType<typeof scanProblemsTable>;
}

/** Files per transaction: one flush to the disk for many, but never a pause that a person could feel. */
const batchFiles = 500;

/**
 * Unchanged files (size and time) are only seen; changed ones go back into the queue unless their content is the same;
 * a new file with the content of a missing picture is that picture, moved. A folder that is not there changes nothing:
 * an unplugged disk is not a deletion.
 *
 * @returns  the final counts
 */
export async function scan(
  tables: ScanTables,
  datasetId: number,
  report: (progress: ScanProgress) => void,
  signal?: AbortSignal,
): Promise<ScanProgress> {
  const { datasets, images, scanProblems } = tables;
  const progress: ScanProgress = { datasetId, found: 0, problems: 0, finished: false };
  const sources = datasets.sources(datasetId);
  const reachable = await findRoots(sources);
  const roots = [...reachable.values()].map(({ real }) => real);
  const sequence = datasets.nextScan(datasetId);
  const newerThanId = images.lastId();
  const seen = idSet(newerThanId);
  const visited = new Set<string>();

  for (const source of sources) {
    const root = reachable.get(source.id);
    if (!root) {
      datasets.setReachable(source.id, false, null);
      scanProblems.replace(source.id, [
        { path: source.folder, code: 'folder.missing', message: 'The folder is not there' },
      ]);
      progress.problems++;
      continue;
    }
    const problems: Problem[] = [];
    let found = 0;
    let waiting: SeenFile[] = [];
    const flush = async () => {
      const ids = images.see(datasetId, sequence, await compare(images, root.real, waiting));
      seen.add(ids.filter((id) => id <= newerThanId));
      waiting = [];
      report({ ...progress });
    };
    for await (const step of walk(root.real, { roots, visited, ...(signal && { signal }) })) {
      found += step.files.length;
      progress.found += step.files.length;
      progress.problems += step.problems.length;
      problems.push(...step.problems);
      for (const file of step.files) waiting.push({ ...file, sourceId: source.id });
      if (waiting.length >= batchFiles) await flush();
    }
    await flush();
    scanProblems.replace(source.id, problems);
    // An empty folder on another device than before: a disk that is not mounted leaves its mount point behind.
    const unmounted = found === 0 && source.deviceId !== null && source.deviceId !== root.device;
    datasets.setReachable(source.id, !unmounted, unmounted ? null : root.device);
    // What stands in an unreadable folder is not gone.
    if (!unmounted && !problems.some(({ code }) => code === 'folder.unreadable'))
      await images.markMissing(source.id, seen, newerThanId);
  }
  await followMoves(images, datasetId, newerThanId);
  progress.finished = true;
  report({ ...progress });
  return progress;
}

async function findRoots(sources: readonly SourceRow[]) {
  const roots = new Map<number, { real: string; device: string }>();
  for (const { id, folder } of sources) {
    try {
      const real = await realpath(folder);
      const facts = await stat(real);
      if (facts.isDirectory()) roots.set(id, { real, device: String(facts.dev) });
    } catch {
      // Not there, or not to be entered: reported by the caller as one of the dataset's problems.
    }
  }
  return roots;
}

async function compare(images: ScanTables['images'], root: string, files: readonly SeenFile[]) {
  const compared: { file: SeenFile; known?: KnownFile; changed: boolean }[] = [];
  for (const file of files) {
    const known = images.find(file.sourceId, file.path);
    const sameFacts = known?.sizeBytes === file.sizeBytes && known.modifiedMs === file.modifiedMs;
    const sameContent = known && (sameFacts || (await hasContent(known, file, join(root, file.path))));
    compared.push({ file, ...(known && { known }), changed: known !== undefined && !sameContent });
  }
  return compared;
}

/** Touched, but the same bytes? */
async function hasContent(known: KnownFile, file: SeenFile, path: string): Promise<boolean> {
  if (known.sizeBytes !== file.sizeBytes || known.contentHash === null) return false;
  return (await contentHash(path)) === known.contentHash;
}

async function followMoves(images: ScanTables['images'], datasetId: number, newerThanId: number): Promise<void> {
  const gone = new Set<number>();
  const placed = new Set<number>();
  const hashes = new Map<number, string | null>();
  for (const candidate of images.moveCandidates(datasetId, newerThanId)) {
    const { missingId, newId } = candidate;
    if (gone.has(missingId) || placed.has(newId)) continue;
    if (!hashes.has(newId)) hashes.set(newId, await contentHash(join(candidate.newFolder, candidate.newPath)));
    if (!isSamePicture(candidate, hashes.get(newId) ?? null)) continue;
    images.move(missingId, newId);
    gone.add(missingId);
    placed.add(newId);
  }
}

/** Without a content hash (never decoded) an equal time and name have to do. */
function isSamePicture(candidate: MoveCandidate, newHash: string | null): boolean {
  if (candidate.missingHash !== null) return candidate.missingHash === newHash;
  return candidate.missingModifiedMs === candidate.newModifiedMs && candidate.missingName === candidate.newName;
}

async function contentHash(path: string): Promise<string | null> {
  try {
    return (await readPicture(path)).contentHash;
  } catch {
    return null; // unreadable now: it will get its reason when it is decoded
  }
}
