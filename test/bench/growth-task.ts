/** @file One measurement of a library in a process of its own: `node growth-task.ts <task> <library>` prints JSON. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../../electron/engine/engine.ts';
import { findProblems } from '../../electron/engine/store/check.ts';
import { openStore, type Store } from '../../electron/engine/store/store.ts';
import type { ImageFilter, ImageSort } from '../../electron/core/image-filter.ts';
import { defaultExportOptions } from '../../electron/core/export-options.ts';
import { measure, peakMemoryMb, repeat, type Measured, type Repeated } from './growth-clock.ts';
import { randomNumbers } from './growth-library.ts';

export interface Opened {
  /** From the start of the engine to the list of datasets and the first rows of a view. */
  open: Measured;
  peakMb: number | null;
}

export interface Reviewed {
  calls: Record<string, Repeated>;
  /** Until a list is complete, which nobody waits for. */
  complete: Measured;
}

export interface Exported {
  write: Measured;
  rowCount: number;
  sizeBytes: number;
  peakMb: number | null;
}

export interface Decided {
  decideAll: Measured;
  undoAll: Measured;
  changed: number;
  integrity: string[];
}

const byName: ImageSort = { key: 'name', descending: false };
const leastCertain: ImageSort = { key: 'uncertainty', descending: false };
const pageRows = 200;

async function withEngine<Value>(library: string, use: (engine: Awaited<ReturnType<typeof openEngine>>) => Value) {
  const cache = await mkdtemp(join(tmpdir(), 'labelwright-growth-'));
  try {
    await using engine = await openEngine({
      libraryPath: library,
      cachePath: cache,
      modelsPaths: [join(cache, 'models')],
      after: null,
      emit: () => {},
      fatal: () => {},
      stop: () => {},
    });
    return await use(engine);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

async function openTask(library: string): Promise<Opened> {
  let open: Measured | undefined;
  const start = performance.now();
  const cpu = process.cpuUsage();
  return withEngine(library, async ({ handlers }) => {
    const [dataset] = await handlers['datasets.list']({});
    const view = { datasetId: dataset!.id, filter: {}, sort: leastCertain };
    const { viewId } = await handlers['view.open'](view);
    await handlers['view.rows']({ viewId, from: 0, count: pageRows });
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - start;
    open = { wallMs, cpuMs: (user + system) / 1000, stallMs: wallMs };
    await handlers['view.locate']({ viewId, imageId: 1 });
    return { open, peakMb: peakMemoryMb() };
  });
}

async function reviewTask(library: string): Promise<Reviewed> {
  using store = openStore(library);
  const datasetId = store.datasets.list()[0]!.id;
  const random = randomNumbers(3);
  const calls: Record<string, Repeated> = {};
  const { viewId, total } = await store.views.open(datasetId, {}, byName);
  const complete = await measure(() => store.views.ids(viewId));
  const place = () => Math.floor(random() * total);
  const imageId = () => 1 + place();
  const some = 60;

  calls['rows at random places'] = await repeat(some, () => store.views.rows(viewId, place(), pageRows));
  calls['place of a picture'] = await repeat(some, () => store.views.locate(viewId, imageId()));
  calls['next unreviewed'] = await repeat(some, () => store.views.nextUnreviewed(viewId, place()));
  calls['one picture'] = await repeat(some, () => store.views.detail(imageId()));
  calls.counts = await repeat(some, () => [
    store.datasets.counts(datasetId),
    store.datasets.sourceSummaries(datasetId),
  ]);
  calls.categories = await repeat(some, () => store.categories.list(datasetId));
  calls['failed pictures'] = await repeat(some, () => store.scanProblems.list(datasetId, 0, 100));
  calls['decide about one'] = await repeat(some, () =>
    store.decisions.decide(datasetId, [imageId()], { kind: 'skip' }),
  );
  calls['undo that'] = await repeat(some, () => store.decisions.undo(datasetId));

  const lists: [string, ImageFilter, ImageSort][] = [
    ['open by name', {}, byName],
    ['open by date', {}, { key: 'date', descending: true }],
    ['open by score', {}, { key: 'score', descending: true }],
    ['open by uncertainty', {}, leastCertain],
    ['open unreviewed', { review: ['unreviewed'] }, leastCertain],
    ['open corrected', { review: ['corrected'] }, byName],
    ['open failed', { status: ['failed'] }, byName],
    ['open one category', { categoryId: store.categories.list(datasetId)[20]!.id }, leastCertain],
    ['open score over 0.9', { minScore: 0.9 }, leastCertain],
    ['search a path', { text: 'trip-0000/IMG_000012' }, byName],
    ['search a label', { text: 'kind 777' }, byName],
  ];
  for (const [title, filter, sort] of lists) calls[title] = await repeatOpen(store, datasetId, filter, sort);
  return { calls, complete };
}

/** Open a list and read its first page, each time after the one before is complete. */
async function repeatOpen(store: Store, datasetId: number, filter: ImageFilter, sort: ImageSort): Promise<Repeated> {
  const took: number[] = [];
  let cpuMs = 0;
  const times = 12;
  for (let time = 0; time < times; time++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { viewId } = await store.views.open(datasetId, filter, sort);
    await store.views.rows(viewId, 0, pageRows);
    took.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    cpuMs += (user + system) / 1000 / times;
    await store.views.ids(viewId);
  }
  took.sort((a, b) => a - b);
  return { medianMs: took[times >> 1]!, p95Ms: took[Math.floor(times * 0.95)]!, cpuMs };
}

async function exportTask(library: string, format: string): Promise<Exported> {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-growth-'));
  try {
    return await withEngine(library, async ({ handlers }) => {
      const [dataset] = await handlers['datasets.list']({});
      // One row for each prediction, as many as the run kept.
      const options = { ...defaultExportOptions, topK: 5 };
      let written = { rowCount: 0, sizeBytes: 0 };
      const write = await measure(async () => {
        const path = join(folder, `labels.${format}`);
        written = await handlers['export.write']({ datasetId: dataset!.id, format, options, path });
      });
      const { rowCount, sizeBytes } = written;
      return { write, rowCount, sizeBytes, peakMb: peakMemoryMb() };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function decideTask(library: string): Promise<Decided> {
  using store = openStore(library);
  const datasetId = store.datasets.list()[0]!.id;
  const { viewId } = await store.views.open(datasetId, {}, byName);
  const ids = await store.views.ids(viewId);
  let changed = 0;
  const decideAll = await measure(async () => {
    ({ changed } = await store.decisions.decide(datasetId, ids, { kind: 'accept' }));
  });
  const undoAll = await measure(() => store.decisions.undo(datasetId));
  return { decideAll, undoAll, changed, integrity: findProblems(store.db) };
}

const tasks = {
  open: openTask,
  review: reviewTask,
  csv: (library: string) => exportTask(library, 'csv'),
  coco: (library: string) => exportTask(library, 'coco'),
  decide: decideTask,
};

export type TaskName = keyof typeof tasks;
export type TaskResult<Name extends TaskName> = Awaited<ReturnType<(typeof tasks)[Name]>>;

const [task, library] = process.argv.slice(2);
console.log(JSON.stringify(await tasks[task as TaskName](library!)));
