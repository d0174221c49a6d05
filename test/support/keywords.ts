/** @file A dataset of real photos with decisions, and what an ExifTool of its own says of files. */
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { defaultExportOptions, type ExportOptions } from '../../electron/core/export-options.ts';
import type { KeywordOptions } from '../../electron/core/keywords.ts';
import { openKeywords } from '../../electron/engine/keywords/open-keywords.ts';
import { readPicture } from '../../electron/engine/picture-file.ts';
import { scan } from '../../electron/engine/scan.ts';
import { openTestStore, temporaryFolder } from './library.ts';
import { samplePhotos } from './pictures.ts';

const exiftool = createRequire(import.meta.url)('exiftool-vendored.pl') as string;

/** ExifTool in a process of its own, for setting the stage and for looking at the outcome. */
export function askExifTool(...args: string[]): string {
  return execFileSync('perl', [exiftool, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** By group and name, as `-G1` has it. */
export function tagsOf(path: string): Record<string, unknown> {
  const file = `${path} ${hash('sha256', readFileSync(path))}`;
  let tags = told.get(file);
  if (!tags) {
    tags = (JSON.parse(askExifTool('-j', '-G1', path)) as Record<string, unknown>[])[0]!;
    told.set(file, tags);
  }
  return tags;
}
/** Starting Perl takes longer than most tests. */
const told = new Map<string, Record<string, unknown>>();

export const keywordTags = [
  'XMP-dc:Subject',
  'XMP-lr:HierarchicalSubject',
  'XMP-digiKam:TagsList',
  'XMP-microsoft:LastKeywordXMP',
];

/** The four fields. */
export function keywordsOf(path: string): unknown[] {
  const tags = tagsOf(path);
  return keywordTags.map((tag) => tags[tag]);
}

export type Decider = (name: string, category: string) => Promise<void>;

/** @param photos  names below the folder, and what is copied there; absent: the eight samples under their names */
export async function photoLibrary(
  photos: Record<string, string> = Object.fromEntries(samplePhotos.map((path) => [basename(path), path])),
  prepare: (folder: string) => void = () => {},
) {
  const home = temporaryFolder();
  const folder = join(home, 'photos');
  for (const [name, path] of Object.entries(photos)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(path, join(folder, name));
  }
  prepare(folder);
  const libraryPath = join(home, 'library.labelwright');
  const store = openTestStore(libraryPath);
  const { datasetId } = store.datasets.open([folder], 'Photos');
  await scan(store, datasetId, () => {});
  const labels = [
    { name: 'dog', supercategory: 'animal/mammal', wordnetId: null },
    { name: 'cat', supercategory: 'animal/mammal', wordnetId: null },
    { name: 'cup', supercategory: '', wordnetId: null },
  ];
  const categoryIds = store.categories.ensureAll(datasetId, labels);
  const modelId = store.runs.ensureModel('model', 'Model', 'f'.repeat(64));
  const runId = store.runs.insert(datasetId, modelId, 3, {});
  const pending = store.results.pending(datasetId, 0, 1000);
  const idOf = new Map<string, number>();
  for (const { id } of pending) {
    const { path } = store.images.file(id)!;
    idOf.set(path, id);
    const { sizeBytes, modifiedMs, contentHash } = await readPicture(join(folder, path));
    const facts = { sizeBytes, modifiedMs, contentHash, width: 4, height: 3, format: 'jpeg' };
    const ranked = [
      { index: 2, score: 0.9 },
      { index: 1, score: 0.1 },
    ];
    const result = { id, ...facts, ok: true as const, ranked, margin: 0.8, parent: null, features: null };
    store.results.commit([result], [], { runId, modelId, categoryIds });
  }

  const keywords = await openKeywords(store);
  onTestFinished(() => keywords[Symbol.asyncDispose]());
  const decide: Decider = async (name, category) => {
    const image = idOf.get(name)!;
    await store.decisions.decide(datasetId, [image], { kind: 'label-name', name: category });
    await store.decisions.settled();
  };
  const write = (options: KeywordOptions = { where: 'sidecar' }, more: Partial<ExportOptions> = {}) =>
    keywords.write(datasetId, { ...defaultExportOptions, include: 'decisions', keywords: options, ...more }, () => {});
  const restore = () => keywords.handlers['keywords.restore']({ datasetId });
  const at = (name: string) => join(folder, name);
  const status = (name: string) => {
    const id = idOf.get(name)!;
    return store.db.prepare(`SELECT status FROM images WHERE id = ?`).pluck().get(id) as string;
  };
  const rescan = () => scan(store, datasetId, () => {});
  return { store, datasetId, libraryPath, folder, keywords, decide, write, restore, at, idOf, status, rescan };
}
