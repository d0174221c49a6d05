/** @file Calls about models: what there is, adding, fetching, measuring, comparing. Parts of the lists in `calls.ts`. */
import * as z from 'zod';
import type { CatalogueEntry, DownloadProgress } from '#core/catalogue.ts';
import type { ImportProposal } from '#core/model-import.ts';
import type { AgreementReport, Model, ModelComparison, ModelSpeed } from '#core/model.ts';
import { kernels } from '#core/preprocess.ts';
import { executionProviders, type ProviderState } from '#core/providers.ts';
import { call, id, name, none, path } from './call.ts';

const modelId = z.string().min(1).max(200);
const side = z.int().min(1).max(4096);
const channels = z.tuple([z.number(), z.number(), z.number()]).readonly();

export const preprocessSchema = z
  .strictObject({
    fit: z.enum(['short-side', 'stretch']).default('short-side'),
    shortSide: side,
    cropWidth: side,
    cropHeight: side,
    kernel: z.enum(kernels).default('linear'),
    antialias: z.boolean().default(true),
    rounding: z.enum(['torchvision', 'paddleclas']).default('torchvision'),
    channels: z.enum(['rgb', 'bgr']).default('rgb'),
    mean: channels,
    std: channels.refine((std) => std.every((value) => value > 0), 'must be positive'),
  })
  .refine(
    ({ fit, shortSide, cropWidth, cropHeight }) => fit === 'stretch' || shortSide >= Math.max(cropWidth, cropHeight),
    'the crop must fit into the resized picture',
  )
  .refine(({ antialias, kernel }) => antialias || kernel === 'linear', 'only "linear" can go without antialias');

export const importChoicesSchema = z.strictObject({
  id: z
    .string()
    .max(100)
    .regex(/^[a-z0-9][a-z0-9._-]*$/),
  title: z.string().trim().min(1).max(200),
  preprocess: z.union([z.string().max(100), preprocessSchema]),
  labels: z.enum(['imagenet-1k', 'file', 'numbers']),
  outputs: z.enum(['logits', 'scores']),
  licence: z.string().max(500),
});

/** Served by the engine, open to the renderer. */
export const modelEngineCalls = {
  'models.list': call<Model[]>()(none),
  /** Make a model folder of what `models.inspect` found. Event: 'import.progress'. */
  'models.import': call<{ modelId: string }>()(z.strictObject({ importId: id, choices: importChoicesSchema })),
  /** Stop an import, or forget a proposal. */
  'models.import-cancel': call<void>()(z.strictObject({ importId: id })),
  /** @throws 'model.not-own' */
  'models.rename': call<void>()(z.strictObject({ modelId, title: name })),
  /** Delete the folder of an own model; results made with it stay. @throws 'model.not-own', 'busy' while it runs */
  'models.remove': call<void>()(z.strictObject({ modelId })),
  /** Time the model (or, by its id, an architecture of the catalogue with random weights) at batch 1, 4 and 8. */
  'models.measure': call<ModelSpeed>()(z.strictObject({ modelId })),
  'models.measure-cancel': call<void>()(none),
  /**
   * Make an integer form of the model from photos of a dataset (null: of the whole library), compare it with the float
   * form on others, and use it if it agrees. Event: 'optimize.progress'.
   *
   * @throws 'model.too-few-photos', 'model.unsupported', 'busy', 'aborted'
   */
  'models.optimize': call<AgreementReport>()(z.strictObject({ modelId, datasetId: id.nullable() })),
  'models.optimize-cancel': call<void>()(none),
  /** Label with the integer form, or not. @throws 'not-found', 'model.invalid' if it did not agree enough */
  'models.use-fast': call<void>()(z.strictObject({ modelId, use: z.boolean() })),
  /** Delete the integer form made here; one that came with the model is in force again. */
  'models.discard-fast': call<void>()(z.strictObject({ modelId })),
  /** Models with results on a dataset, most recent first. */
  'models.used': call<{ modelId: string; title: string; imageCount: number }[]>()(z.strictObject({ datasetId: id })),
  'models.compare': call<ModelComparison>()(z.strictObject({ datasetId: id, modelIds: z.tuple([modelId, modelId]) })),

  'catalogue.list': call<CatalogueEntry[]>()(none),
  /** Fetch, check, convert, install. Event: 'download.progress'. @throws 'licence.required', 'busy', 'disk.full' */
  'downloads.start': call<void>()(z.strictObject({ entryId: modelId, licenceAccepted: z.boolean() })),
  /** What has arrived is kept for going on later. */
  'downloads.cancel': call<void>()(z.strictObject({ entryId: modelId })),
  'downloads.list': call<DownloadProgress[]>()(none),

  'providers.list': call<ProviderState[]>()(none),
  /** Run the model of new runs on each provider that the runtime offers here, against cpu; remembered. */
  'providers.probe': call<ProviderState[]>()(z.strictObject({ modelId: modelId.nullable() })),
};

/** Served by the engine, only for main and the command line, which may name paths. */
export const modelHostCalls = {
  /** Recognise a model file or a folder; nothing is written. @throws 'model.unsupported', 'model.corrupt', … */
  'models.inspect': call<ImportProposal>()(z.strictObject({ path })),
  /** `models.optimize` with the photos below a folder. */
  'models.optimize-folder': call<AgreementReport>()(z.strictObject({ modelId, folder: path })),
  /** Take labels from a file the person chose. @throws 'model.unsupported' if it is no list or of another length */
  'models.import-labels': call<ImportProposal>()(z.strictObject({ importId: id, path })),
};

/** Served by main for the renderer. */
export const modelAppCalls = {
  'models.reveal': call<void>()(none),
  /** Ask for a file or a folder, then `models.inspect`. Null when the person gave up. */
  'models.choose': call<ImportProposal | null>()(z.strictObject({ kind: z.enum(['file', 'folder']) })),
  /** Ask for a label list, then `models.import-labels`. Null when the person gave up. */
  'models.choose-labels': call<ImportProposal | null>()(z.strictObject({ importId: id })),
};

/** Part of 'engine.configure' and of the settings. */
export const providerSchema = z.enum(executionProviders);
