/**
 * @file Every call between the processes.
 *
 * Adding a call: one entry here, one handler where it is served; TypeScript fails until both exist.
 * - `engineCalls`: served by the engine, open to the renderer, so no paths go in;
 * - `hostCalls`: served by the engine, only for main and the command line, which may name paths;
 * - `appCalls`: served by the Electron main process for the renderer.
 */
import * as z from 'zod';
import type { DatasetSummary, Failure } from '#core/dataset.ts';
import type { ExportFormat, ExportRow, LeftOut } from '#core/export-options.ts';
import type { DownloadProgress } from '#core/catalogue.ts';
import type { ImportProgress } from '#core/model-import.ts';
import type { LearnState } from '#core/learn.ts';
import type { OptimizeProgress } from '#core/model.ts';
import type { RunProgress, ScanProgress } from '#core/run.ts';
import { gentleModes, languages, themes, type Settings } from '#core/settings.ts';
import type { LabelImportProgress } from '#core/label-import.ts';
import { call, id, name, none, path } from './call.ts';
import { exportOptionsSchema } from './export-options-schema.ts';
import { keywordCalls } from './keyword-calls.ts';
import { labelAppCalls, labelCalls, labelHostCalls } from './label-calls.ts';
import { learnAppCalls, learnCalls, learnEvaluationCalls, learnHostCalls } from './learn-calls.ts';
import { modelAppCalls, modelEngineCalls, modelHostCalls, providerSchema } from './model-calls.ts';
import { reviewCalls } from './review-calls.ts';

export type { DecisionResult, ReviewAction, ReviewTarget, StepKind } from './review-calls.ts';

const text = z.string().max(512);

export const engineCalls = {
  ...modelEngineCalls,
  ...reviewCalls,
  ...learnCalls,
  ...labelCalls,
  ...keywordCalls,
  'datasets.list': call<DatasetSummary[]>()(none),
  'datasets.rename': call<void>()(z.strictObject({ datasetId: id, name })),
  /** Take the dataset off the list; the library keeps everything decided in it. */
  'datasets.archive': call<void>()(z.strictObject({ datasetId: id })),
  'sources.remove': call<void>()(z.strictObject({ sourceId: id })),

  /** Look for new, changed and missing pictures. Resolves when it has begun. */
  'scan.start': call<void>()(z.strictObject({ datasetId: id })),

  /** Scan, then label everything without a result. Resolves when queued; a paused run goes on. */
  'run.start': call<{ runId: number }>()(
    z.strictObject({ datasetId: id, modelId: z.string().max(200).nullable(), topK: z.int().min(1).max(100) }),
  ),
  'run.pause': call<void>()(z.strictObject({ datasetId: id })),
  'run.resume': call<void>()(z.strictObject({ datasetId: id })),
  'run.cancel': call<void>()(z.strictObject({ datasetId: id })),

  'failures.list': call<{ total: number; failures: Failure[] }>()(
    z.strictObject({ datasetId: id, offset: z.int().min(0), limit: z.int().min(1).max(500) }),
  ),
  /** Failed pictures are tried again by the next run. @returns how many */
  'failures.retry': call<{ count: number }>()(z.strictObject({ datasetId: id })),

  'formats.list': call<ExportFormat[]>()(none),
  /** The first lines of the file as it would be written, and how many rows it would have. */
  'export.preview': call<{ text: string; rowCount: number }>()(
    z.strictObject({ datasetId: id, format: z.string().max(40), options: exportOptionsSchema }),
  ),
};

export const hostCalls = {
  ...modelHostCalls,
  ...learnHostCalls,
  ...learnEvaluationCalls,
  ...labelHostCalls,
  /** Answers with the state of the library; the first call a host makes. */
  'engine.info': call<{ libraryPath: string; sizeBytes: number; engineVersion: string }>()(none),
  'engine.configure': call<void>()(
    z.strictObject({
      threads: z.int().min(0).max(256),
      batchSize: z.int().min(0).max(256),
      provider: providerSchema,
      /** Addresses, or empty: of an HTTP proxy, and of a server that has copies of the catalogue's files. */
      proxy: text,
      mirror: text,
      /** One core, low priority; holds at once, for runs under way too. */
      gentle: z.boolean(),
      /** Keep small copies of large pictures for the screen while labeling. */
      thumbnails: z.boolean(),
    }),
  ),
  /** Finish the batch at hand, close the library, end the process. */
  'engine.stop': call<void>()(none),
  /** A dataset of these folders: an existing one with exactly these, else a new one. */
  'datasets.open': call<{ datasetId: number; created: boolean }>()(
    z.strictObject({ folders: z.array(path).min(1).max(1000), name: name.optional() }),
  ),
  'sources.add': call<{ added: number }>()(z.strictObject({ datasetId: id, folders: z.array(path).min(1).max(1000) })),
  /** Absolute path, to show the picture in its folder. */
  'image.path': call<{ path: string }>()(z.strictObject({ imageId: id })),
  /** A small ('s', 320 px) or large ('l', 2048 px) copy for the screen. @returns its file in the cache */
  'thumbnail.get': call<{ path: string; type: string }>()(
    z.strictObject({ token: z.string().length(32), size: z.enum(['s', 'l']) }),
  ),
  /**
   * `companionPath`: a second file that belongs to the first. Of a format with the target 'photos' `path` says nothing, and
   * `rowCount` is how many sidecars or photos are different now.
   */
  'export.write': call<{
    path: string;
    companionPath: string | null;
    rowCount: number;
    sizeBytes: number;
    leftOut: LeftOut;
  }>()(z.strictObject({ datasetId: id, format: z.string().max(40), options: exportOptionsSchema, path })),
  /** Results one page at a time, for the command line; rows of one picture never straddle pages. */
  'results.page': call<{ rows: ExportRow[]; nextAfterId: number | null }>()(
    z.strictObject({
      datasetId: id,
      options: exportOptionsSchema,
      afterId: z.int().min(0),
      limit: z.int().min(1).max(5000),
    }),
  ),
  'library.check': call<{ ok: boolean; problems: string[] }>()(none),
};

/** Empty, or an address a server can be asked at. */
const webAddress = text.refine(
  (value) => value === '' || /^https?:\/\/[^\s/]+/.test(value),
  'must start with http:// or https://',
);

export const settingsPatchSchema = z.strictObject({
  theme: z.enum(themes).optional(),
  language: z.enum(languages).optional(),
  threads: z.int().min(0).max(256).optional(),
  batchSize: z.int().min(0).max(256).optional(),
  modelId: z.string().max(200).nullable().optional(),
  provider: providerSchema.optional(),
  gentle: z.enum(gentleModes).optional(),
  proxy: webAddress.optional(),
  mirror: webAddress.optional(),
  layout: z
    .record(z.string().max(64), z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]))
    .refine((layout) => Object.keys(layout).length <= 100, 'Too many entries')
    .optional(),
});

export interface AppInfo {
  version: string;
  electron: string;
  platform: string;
  /** Of the system, e.g. 'zh-CN'. */
  locale: string;
  libraryPath: string;
  librarySizeBytes: number;
  modelsPath: string;
  cpuCount: number;
}

export const appCalls = {
  ...modelAppCalls,
  ...learnAppCalls,
  ...labelAppCalls,
  'app.info': call<AppInfo>()(none),
  'settings.get': call<Settings>()(none),
  /** `layout` entries are merged one by one. */
  'settings.set': call<Settings>()(settingsPatchSchema),
  /** Ask for folders; with a dataset they are added to it, else they become one. Null when the person gave up. */
  'folders.choose': call<{ datasetId: number } | null>()(z.strictObject({ datasetId: id.nullable() })),
  /** The sample photos that come with the app, as a dataset. */
  'samples.open': call<{ datasetId: number }>()(none),
  /** Ask where to save, then write. Null when the person gave up. */
  'export.save': call<{ fileName: string; rowCount: number; sizeBytes: number; leftOut: LeftOut } | null>()(
    z.strictObject({ datasetId: id, format: z.string().max(40), options: exportOptionsSchema }),
  ),
  /** Show the file of the last `export.save` in its folder. */
  'export.reveal': call<void>()(none),
  'image.reveal': call<void>()(z.strictObject({ imageId: id })),
  'library.reveal': call<void>()(none),
};

export const rendererCalls = { ...engineCalls, ...appCalls };
export const engineOnlyCalls = { ...engineCalls, ...hostCalls };
export const allCalls = { ...engineCalls, ...hostCalls, ...appCalls };

export type CallName = keyof typeof allCalls;
export type EngineCallName = keyof typeof engineOnlyCalls;
export type RendererCallName = keyof typeof rendererCalls;
export type AppCallName = keyof typeof appCalls;
export type CallInput<Name extends CallName> = z.infer<(typeof allCalls)[Name]['input']>;
export type CallOutput<Name extends CallName> = (typeof allCalls)[Name]['output'];
/** One function per call; the input has been parsed. */
export type Handlers<Name extends CallName> = {
  [N in Name]: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>>;
};

/** What the engine and main tell without being asked. */
export interface Events {
  'scan.progress': ScanProgress;
  'run.progress': RunProgress;
  /** Counts, names or folders of datasets changed: ask again. At most a few a second. */
  'datasets.changed': { datasetId: number | null };
  'export.progress': { rowCount: number };
  'import.progress': ImportProgress;
  'labels.progress': LabelImportProgress;
  /** A profile was written, failed, or changed: ask again. */
  'profiles.changed': { datasetId: number | null };
  'download.progress': DownloadProgress;
  'optimize.progress': OptimizeProgress;
  /** What was learned, or how far learning is, changed. A few times a second at most. */
  'learn.changed': LearnState;
  /** Models, their names or their measurements changed: ask again. */
  'models.changed': Record<string, never>;
  /** From main: the engine stopped and is coming back ('restarting'), is back ('ready'), or stays away ('down'). */
  'engine.state': { state: 'restarting' | 'ready' | 'down'; message: string | null };
  /** From main: a menu entry was chosen. */
  'menu.command': { command: MenuCommand };
  'settings.changed': Settings;
  /** From main: open this dataset (folders dropped on the window, or named at the start). */
  'dataset.opened': { datasetId: number };
}

export type EventName = keyof Events;

export const menuCommands = [
  'open-folder',
  'export',
  'import-labels',
  'start-run',
  'pause-run',
  'undo',
  'redo',
  'select-all',
  'find',
  'toggle-sidebar',
  'toggle-inspector',
  'show-library',
  'show-review',
  'show-models',
  'show-settings',
  'show-shortcuts',
] as const;
export type MenuCommand = (typeof menuCommands)[number];
