/** @file What is learned from decisions, and what to look at next: the engine's side of the thread that computes it. */
import { join } from 'node:path';
import type { Handlers } from '#contract/calls.ts';
import type { learnCalls, learnHostCalls } from '#contract/learn-calls.ts';
import { AppError } from '#core/errors.ts';
import type { ImageSort } from '#core/image-filter.ts';
import type { LearnState } from '#core/learn.ts';
import { baseModelId } from '#core/model.ts';
import type { InstalledModel } from '../models/manifest.ts';
import type { Store } from '../store/store.ts';
import { exportHead } from './export-head.ts';
import { headLabels } from './head-labels.ts';
import { openLearnThread } from './learn-thread.ts';
import { openSchedule } from './schedule.ts';

type LearnCallName = keyof typeof learnCalls | keyof typeof learnHostCalls;

export interface Learner extends AsyncDisposable {
  handlers: Handlers<LearnCallName>;
  /** Decisions, categories or the way to learn changed: refit when the person pauses. */
  changed(datasetId: number): void;
  /** Results of a model came in or were dropped. */
  labeled(datasetId: number): void;
  /** Pictures of a view in the order of a queue; those without an embedding come last. */
  order(datasetId: number, imageIds: Int32Array, sort: ImageSort): Promise<Int32Array>;
}

export interface LearnerParts {
  store: Store;
  libraryPath: string;
  cachePath: string;
  emit: (state: LearnState) => void;
  /** Predictions changed. */
  predicted: (datasetId: number) => void;
  /** The float form of a model. @throws {AppError} 'model.not-found' */
  model: (modelId: string) => Promise<InstalledModel>;
}

export function openLearner({ store, libraryPath, emit, predicted, model }: LearnerParts): Learner {
  const thread = openLearnThread(libraryPath, (datasetId, done) => schedule.reading(datasetId, done));
  const schedule = openSchedule(store, thread, emit, predicted);
  const facts = store.db.prepare<
    [number],
    { datasetId: number; folder: string; path: string; modelName: string | null }
  >(/* sql */ `
    SELECT images.dataset_id AS datasetId, folder, path, models.name AS modelName
    FROM images JOIN sources ON sources.id = images.source_id
    LEFT JOIN runs ON runs.id = images.run_id LEFT JOIN models ON models.id = runs.model_id WHERE images.id = ?
  `);
  const categoryName = store.db.prepare<[number], string>(/* sql */ `SELECT name FROM categories WHERE id = ?`).pluck();

  const unreviewed = store.db
    .prepare<[string], number>(
      /* sql */ `
      SELECT images.id FROM json_each(?) AS wanted CROSS JOIN images ON images.id = wanted.value
      WHERE review = 'unreviewed' AND status <> 'missing' ORDER BY wanted.key
    `,
    )
    .pluck();

  function factsOf(imageId: number) {
    const found = facts.get(imageId);
    if (!found) throw new AppError('not-found', `There is no picture ${imageId}`);
    return found;
  }

  function headOf(runId: number) {
    const head = store.heads.get(runId);
    if (!head) throw new AppError('not-found', `There is no head ${runId}`);
    return head;
  }

  /** A person chose a version: those on both sides of the choice stay as they are. */
  async function revert(datasetId: number, runId: number | null): Promise<void> {
    store.datasets.get(datasetId);
    const target = runId === null ? undefined : headOf(runId);
    if (target && target.datasetId !== datasetId) throw new AppError('not-found', `There is no head ${runId} here`);
    const { modelName } = await thread.ask('space', { datasetId });
    if (target && target.modelName !== modelName) {
      throw new AppError('input.invalid', 'This version was learned from what another model saw');
    }
    const before = store.heads.current(datasetId);
    if (before) store.heads.setSettings(before.runId, { ...before.settings, kept: true });
    if (target) store.heads.setSettings(target.runId, { ...target.settings, kept: true, applied: false });
    store.heads.setCurrent(datasetId, runId);
    store.datasets.setWay(datasetId, { ...store.datasets.way(datasetId), held: true });
    await schedule.now(datasetId);
  }

  const handlers: Learner['handlers'] = {
    'learn.state': ({ datasetId }) => schedule.state(datasetId),
    'learn.now': async ({ datasetId }) => {
      store.datasets.get(datasetId);
      await schedule.now(datasetId);
      return schedule.state(datasetId);
    },
    'learn.versions': ({ datasetId }) => store.heads.summaries(datasetId),
    'learn.report': async ({ runId }) => {
      const { datasetId, model: head, settings } = headOf(runId);
      const asked = { datasetId, multiLabel: head.multiLabel, mode: settings.mode };
      const report = await thread.ask('report', asked);
      store.heads.setAccuracy(runId, report.accuracy);
      return { runId, ...report };
    },
    'learn.revert': async ({ datasetId, runId }) => {
      await revert(datasetId, runId);
      return schedule.state(datasetId);
    },
    'learn.export': async ({ datasetId, form, path }) => {
      const { name } = store.datasets.get(datasetId);
      await schedule.exactly(datasetId);
      const head = store.heads.current(datasetId);
      if (!head) throw new AppError('not-found', 'Nothing was learned yet');
      const labels = headLabels(store.db, datasetId, head.model.categoryIds);
      const source = await model(head.modelName);
      const parts = { head: head.model, labels, model: source, title: name, createdMs: head.createdMs };
      return { path, ...(await exportHead(parts, form, path)) };
    },

    'groups.list': async ({ datasetId, kind, offset, limit, rows }) => {
      store.datasets.get(datasetId);
      const { total, groups } = await thread.ask('groups', { datasetId, kind, offset, limit });
      return {
        total,
        groups: groups.map((group) => ({
          kind,
          ...group,
          category: group.categoryId === null ? null : (categoryName.get(group.categoryId) ?? null),
          rows: store.views.rowsOf(group.imageIds.slice(0, rows)),
          doubtfulRows: store.views.rowsOf(group.doubtfulIds.slice(0, rows)),
        })),
      };
    },
    'image.duplicates': async ({ imageId }) => {
      const imageIds = await thread.ask('duplicates', { datasetId: factsOf(imageId).datasetId, imageId });
      return { imageIds, unreviewedIds: unreviewed.all(JSON.stringify(imageIds)) };
    },
    'image.nearest': async ({ imageId, limit }) => {
      const found = await thread.ask('nearest', { datasetId: factsOf(imageId).datasetId, imageId, limit });
      const similarities = new Map(found.map((one) => [one.imageId, one.similarity]));
      const shown = store.views.rowsOf(similarities.keys());
      return shown.map((row) => ({ row, similarity: similarities.get(row.id)! }));
    },
    'image.activation': async ({ imageId, categoryId }) => {
      const { datasetId, folder, path, modelName } = factsOf(imageId);
      if (modelName === null) throw new AppError('model.unsupported', 'No model has looked at this picture yet');
      const category = store.categories.get(datasetId, categoryId).name;
      const source = await model(baseModelId(modelName));
      const head = store.heads.current(datasetId);
      const place = head?.modelName === source.id ? head.model.categoryIds.indexOf(categoryId) : -1;
      const { width = 0, weights } = head?.model ?? {};
      const evidence =
        place >= 0
          ? weights!.slice(place * width, (place + 1) * width)
          : { label: source.labels.findIndex(({ name }) => name === category) };
      const map = await thread.ask('activation', { model: source, path: join(folder, path), evidence });
      return { categoryId, category, ...map };
    },

    'sample.estimate': ({ datasetId }) => thread.ask('estimate', { datasetId }),
    'insights.get': ({ datasetId, utcOffsetMinutes }) => {
      store.datasets.get(datasetId);
      return thread.ask('insights', { datasetId, utcOffsetMinutes });
    },
  };

  return {
    handlers,
    changed: (datasetId) => schedule.changed(datasetId),
    labeled: (datasetId) => schedule.changed(datasetId),
    order: (datasetId, imageIds, sort) => thread.ask('order', { datasetId, imageIds, sort }),
    async [Symbol.asyncDispose]() {
      await schedule[Symbol.asyncDispose]();
      await thread[Symbol.asyncDispose]();
    },
  };
}
