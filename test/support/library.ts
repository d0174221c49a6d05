/** @file Libraries for tests: real SQLite files in a folder that goes away with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Classified } from '../../electron/engine/inference/protocol.ts';
import type { Database } from '../../electron/engine/store/database.ts';
import { openStore, type Store } from '../../electron/engine/store/store.ts';

/** A folder of this test's own. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labelwright-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openTestStore(path = ':memory:'): Store {
  const store = openStore(path);
  onTestFinished(() => {
    if (store.db.open) store[Symbol.dispose]();
  });
  return store;
}

export interface SeededLibrary {
  store: Store;
  datasetId: number;
  sourceId: number;
  runId: number;
  modelId: number;
  /** Ids of 'tiger', 'tabby' and 'lynx', in this order. */
  categoryIds: number[];
  imageIds: number[];
}

/** One dataset with `imageCount` pictures 'a/000.jpg' …, waiting to be labeled by one run. */
export function seededLibrary(imageCount: number, path?: string): SeededLibrary {
  const store = openTestStore(path);
  const { datasetId } = store.datasets.open(['/photos'], 'Photos');
  const sourceId = store.datasets.sources(datasetId)[0]!.id;
  const files = Array.from({ length: imageCount }, (_, index) => {
    const name = `${String(index).padStart(imageCount > 1000 ? 5 : 3, '0')}.jpg`;
    const file = { sourceId, path: `a/${name}`, name, sizeBytes: 1000 + index, modifiedMs: 5000 - index };
    return { file, changed: false };
  });
  store.images.see(datasetId, store.datasets.nextScan(datasetId), files);
  const modelId = store.runs.ensureModel('cats', 'Cats', 'f'.repeat(64));
  const runId = store.runs.insert(datasetId, modelId, 3, {});
  const labels = ['tiger', 'tabby', 'lynx'].map((name) => ({ name, supercategory: 'animal', wordnetId: null }));
  const categoryIds = store.categories.ensureAll(datasetId, labels);
  const imageIds = store.results.pending(datasetId, 0, imageCount).map(({ id }) => id);
  return { store, datasetId, sourceId, runId, modelId, categoryIds, imageIds };
}

/** A result with 'tiger' at `score`, 'tabby' next. */
export function labeled(id: number, score = 0.9): Classified {
  const ranked = [
    { index: 0, score },
    { index: 1, score: 1 - score },
  ].sort((a, b) => b.score - a.score);
  const margin = ranked[0]!.score - ranked[1]!.score;
  const facts = { sizeBytes: 1, modifiedMs: 1, contentHash: `h${id}`, width: 4, height: 3, format: 'jpeg' };
  return { id, ...facts, ok: true, ranked, margin, parent: null, features: null };
}

/** Label every picture of a seeded library. */
export function labelAll(library: SeededLibrary, score: (place: number) => number = () => 0.9): void {
  const { store, imageIds, runId, modelId, categoryIds } = library;
  store.results.commit(
    imageIds.map((id, place) => labeled(id, score(place))),
    [],
    { runId, modelId, categoryIds },
  );
}

/** The steps SQLite would take, one line each. */
export function queryPlan(db: Database, sql: string, ...values: unknown[]): string {
  const steps = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return steps.map(({ detail }) => detail).join('\n');
}
