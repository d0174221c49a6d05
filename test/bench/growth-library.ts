/** @file Libraries of any size without photos: rows, counters and decisions written by the same code as real ones. */
import type { Classified } from '../../electron/engine/inference/protocol.ts';
import { openStore, type Store } from '../../electron/engine/store/store.ts';
import { measure, type Measured } from './growth-clock.ts';

export interface LibraryShape {
  imageCount: number;
  /** Features of a picture, or 0 for none. */
  embeddingSize: number;
  /** Share of the labeled pictures with a decision, in [0, 1]. */
  decidedShare: number;
}

export interface Fill {
  scanned: Measured;
  labeled: Measured;
  decided: Measured;
}

/** As many as ImageNet has. */
const categoryCount = 1000;
const predictionCount = 5;
/** As a scan does. */
const scanBatch = 500;
/** Pictures a commit, as some seconds of labeling on a fast machine. */
const commitBatch = 100;
/** Pictures of one decision: a person who takes a page at a time. */
const decisionBatch = 200;
const folderSize = 1000;
const startMs = Date.UTC(2015, 0, 1);

/** Reproducible numbers in [0, 1). Source: mulberry32, public domain, Tommy Ettinger. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Make `path` a library of one dataset with two folders; one picture in a hundred cannot be read. */
export async function fillLibrary(path: string, shape: LibraryShape): Promise<Fill> {
  using store = openStore(path);
  const { datasetId } = store.datasets.open(['/photos/camera', '/photos/phone'], 'Photos');
  const scanned = await measure(() => scanAll(store, datasetId, shape.imageCount));
  const labeled = await measure(() => labelAll(store, datasetId, shape));
  const decided = await measure(() => decideSome(store, datasetId, shape.decidedShare));
  return { scanned, labeled, decided };
}

function scanAll(store: Store, datasetId: number, imageCount: number): void {
  const sources = store.datasets.sources(datasetId).map(({ id }) => id);
  const random = randomNumbers(1);
  const scan = store.datasets.nextScan(datasetId);
  for (let begin = 0; begin < imageCount; begin += scanBatch) {
    const files = Array.from({ length: Math.min(scanBatch, imageCount - begin) }, (_, place) => {
      const index = begin + place;
      const folder = Math.floor(index / folderSize);
      const name = `IMG_${String(index).padStart(7, '0')}.jpg`;
      const path = `${2015 + (folder % 10)}/trip-${String(folder).padStart(4, '0')}/${name}`;
      const modifiedMs = startMs + Math.floor(random() * 3e11);
      const sourceId = sources[folder % sources.length]!;
      return {
        file: { sourceId, path, name, sizeBytes: 2e6 + Math.floor(random() * 3e6), modifiedMs },
        changed: false,
      };
    });
    store.images.see(datasetId, scan, files);
  }
}

function labelAll(store: Store, datasetId: number, { embeddingSize }: LibraryShape): void {
  const modelId = store.runs.ensureModel('synthetic', 'Synthetic', '0'.repeat(64));
  const runId = store.runs.insert(datasetId, modelId, predictionCount, {});
  const labels = Array.from({ length: categoryCount }, (_, index) => ({
    name: `kind ${String(index).padStart(3, '0')} of thing`,
    supercategory: `group ${index % 20}`,
    wordnetId: null,
  }));
  const categoryIds = store.categories.ensureAll(datasetId, labels);
  const context = { runId, modelId, categoryIds };
  const random = randomNumbers(2);
  let waiting: Classified[] = [];
  let afterId = 0;
  for (;;) {
    const next = store.results.pending(datasetId, afterId, commitBatch);
    store.results.commit(waiting, next, context);
    if (next.length === 0) break;
    afterId = next.at(-1)!.id;
    waiting = next.map(({ id }) => result(id, random, embeddingSize));
  }
  store.runs.setState(runId, 'finished');
}

function result(id: number, random: () => number, embeddingSize: number): Classified {
  const facts = { id, sizeBytes: 1, modifiedMs: 1, contentHash: hash(random), width: 4000, height: 3000 };
  if (id % 100 === 0) {
    return { ...facts, format: null, ok: false, code: 'image.unreadable', message: 'The picture ends too early' };
  }
  // Square roots lean towards sure pictures and a few frequent categories, as photos do.
  const best = Math.sqrt(random());
  const first = Math.floor(random() ** 2 * categoryCount);
  const ranked = Array.from({ length: predictionCount }, (_, rank) => ({
    index: (first + rank * 37) % categoryCount,
    score: rank === 0 ? best : ((1 - best) * best) / 2 ** rank,
  }));
  const features = embeddingSize > 0 ? Float32Array.from({ length: embeddingSize }, random) : null;
  return { ...facts, format: 'jpeg', ok: true, ranked, margin: best - ranked[1]!.score, parent: null, features };
}

function hash(random: () => number): string {
  const part = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return part() + part() + part() + part();
}

/** Two thirds of them accepted, the rest corrected. */
async function decideSome(store: Store, datasetId: number, share: number): Promise<void> {
  const ids = store.db.prepare<[], number>(`SELECT id FROM images WHERE status = 'done' ORDER BY id`).pluck().all();
  const decided = ids.slice(0, Math.floor(ids.length * share));
  const categoryIds = store.categories.list(datasetId).map(({ id }) => id);
  for (let begin = 0; begin < decided.length; begin += decisionBatch) {
    const batch = decided.slice(begin, begin + decisionBatch);
    const step = begin / decisionBatch;
    const categoryId = categoryIds[step % categoryIds.length]!;
    await store.decisions.decide(datasetId, batch, step % 3 < 2 ? { kind: 'accept' } : { kind: 'label', categoryId });
  }
}
