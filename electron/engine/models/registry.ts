/** @file Which models there are: folders with a `model.json`, found by looking. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AppError } from '#core/errors.ts';
import type { FastVariant, Model, ModelSpeed } from '#core/model.ts';
import { sha256Of } from './hash-file.ts';
import { labelsSchema, manifestSchema, type InstalledModel, type Manifest, type ModelLabel } from './manifest.ts';
import { inspectOnnx } from './onnx/inspect.ts';
import { removeModelFolder, renameModelFolder } from './own-models.ts';

/** `model.json` and label files beyond this are not read. */
const maxJsonBytes = 32 * 1024 * 1024;

export interface Registry {
  /** Every model folder, the unusable ones with a `problem`. ONNX files are not opened here. */
  list(): Promise<Model[]>;
  /**
   * One model, with its ONNX file checked: SHA-256, no external data, no foreign operators.
   *
   * @throws {AppError} 'model.not-found', 'model.corrupt' (bytes differ from the manifest), 'model.invalid'
   */
  get(modelId: string): Promise<InstalledModel>;
  /** The first usable one. */
  defaultId(): Promise<string | null>;
  /** Only for own models. @throws {AppError} 'model.not-found', 'model.not-own', as `renameModelFolder` */
  rename(modelId: string, title: string): Promise<void>;
  /**
   * Only for own models, usable or not.
   *
   * @returns the SHA-256 of its file as the manifest has it, unless another model has the same
   * @throws {AppError} 'model.not-found', 'model.not-own', as `removeModelFolder`
   */
  remove(modelId: string): Promise<{ sha256: string | null }>;
}

export interface RegistryOptions {
  /** The person's own folder, one of those given; the last of several when nothing is said. */
  ownFolder?: string | null;
  /** What was measured here of the file with this SHA-256. */
  speedOf?: (sha256: string) => ModelSpeed | null;
  /** The integer form of a usable model. */
  fastOf?: (folder: string, manifest: Manifest) => Promise<FastVariant | null>;
}

interface Found {
  folder: string;
  /** Folder name until the manifest is read. */
  id: string;
  own: boolean;
  read: { manifest: Manifest; labels: ModelLabel[] } | null;
  problem: AppError | null;
}

/** @param folders  absolute; each holds model folders. Missing ones are empty; of equal ids the first wins. */
export function openRegistry(folders: string[], options: RegistryOptions = {}): Registry {
  // A folder alone is that of the models that come with the app.
  const { ownFolder = folders.length > 1 ? folders.at(-1)! : null, speedOf = () => null, fastOf } = options;

  async function find(): Promise<Found[]> {
    const found: Found[] = [];
    for (const folder of folders) {
      const own = folder === ownFolder;
      for (const name of await modelFolders(folder))
        found.push({ ...(await readFolder(join(folder, name), name)), own });
    }
    const first = new Map<string, Found>();
    for (const model of found) if (!model.problem && !first.has(model.id)) first.set(model.id, model);
    for (const model of found) {
      const winner = first.get(model.id);
      if (winner && winner !== model) {
        model.problem ??= new AppError('model.invalid', `Another model has the id "${model.id}"`);
        model.id = model.folder;
      }
    }
    return found;
  }

  async function findOne(modelId: string): Promise<Found> {
    const model = (await find()).find(({ id }) => id === modelId);
    if (!model) throw new AppError('model.not-found', `There is no model "${modelId}"`);
    return model;
  }

  async function findOwn(modelId: string): Promise<Found> {
    const model = await findOne(modelId);
    if (!model.own) throw new AppError('model.not-own', `"${modelId}" came with the app and stays as it is`);
    return model;
  }

  return {
    async list() {
      return Promise.all(
        (await find()).map(async (model) => {
          const usable = model.problem ? null : model.read;
          const fast = usable && fastOf ? await fastOf(model.folder, usable.manifest) : null;
          return describe(model, speedOf, fast);
        }),
      );
    },

    async get(modelId) {
      const model = await findOne(modelId);
      if (model.problem || !model.read) throw model.problem ?? new AppError('model.invalid', 'Unreadable model');
      const { manifest, labels } = model.read;
      const file = join(model.folder, manifest.file);
      inspectOnnx(file, manifest.sizeBytes);
      const sha256 = await sha256Of(file);
      if (sha256 !== manifest.sha256) {
        throw new AppError('model.corrupt', 'The model file differs from the one its manifest describes', {
          details: { file, expected: manifest.sha256, found: sha256 },
        });
      }
      return { id: modelId, folder: model.folder, manifest, labels, sha256 };
    },

    async defaultId() {
      return (await find()).find(({ problem }) => !problem)?.id ?? null;
    },

    async rename(modelId, title) {
      const { folder, read, problem } = await findOwn(modelId);
      if (!read) throw problem ?? new AppError('model.invalid', 'Unreadable model');
      await renameModelFolder(folder, title);
    },

    async remove(modelId) {
      const { folder, read } = await findOwn(modelId);
      await removeModelFolder(folder);
      const sha256 = read?.manifest.sha256 ?? null;
      const shared = (await find()).some((other) => other.read?.manifest.sha256 === sha256);
      return { sha256: shared ? null : sha256 };
    },
  };
}

async function modelFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    // Names with a dot are for what is on its way in or out.
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const manifest = await lstat(join(folder, entry.name, 'model.json')).catch(() => null);
    if (manifest) names.push(entry.name);
  }
  return names.sort();
}

async function readFolder(folder: string, name: string): Promise<Omit<Found, 'own'>> {
  const found: Omit<Found, 'own'> = { folder, id: name, read: null, problem: null };
  try {
    const manifest = await readJson(join(folder, 'model.json'), manifestSchema);
    found.id = manifest.id;
    const { labels } = await readJson(join(folder, manifest.labels), labelsSchema);
    found.read = { manifest, labels };
    const file = await regularFile(join(folder, manifest.file));
    if (file.size !== manifest.sizeBytes) {
      throw new AppError('model.corrupt', `${manifest.file} has ${file.size} bytes instead of ${manifest.sizeBytes}`);
    }
  } catch (thrown) {
    found.problem = AppError.from(thrown);
  }
  return found;
}

/** A symbolic link could be swapped after the check, or lead anywhere. */
async function regularFile(path: string): Promise<{ size: number }> {
  const stats = await lstat(path).catch((cause: unknown) => {
    throw new AppError('model.invalid', `${path} cannot be read`, { cause });
  });
  if (!stats.isFile()) throw new AppError('model.invalid', `${path} is not a regular file`);
  return stats;
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const { size } = await regularFile(path);
  if (size > maxJsonBytes) throw new AppError('model.invalid', `${path} is too large`);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new AppError('model.invalid', `${path} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError('model.invalid', `${path}: ${z.prettifyError(parsed.error).slice(0, 1000)}`);
}

function describe(
  { id, own, read, problem }: Found,
  speedOf: (sha256: string) => ModelSpeed | null,
  fast: FastVariant | null,
): Model {
  const manifest = read?.manifest;
  return {
    id,
    title: manifest?.title ?? id,
    family: manifest?.family ?? '',
    description: manifest?.description ?? '',
    licence: manifest?.licence ?? '',
    source: manifest?.facts.source ?? '',
    sizeBytes: manifest?.sizeBytes ?? 0,
    inputSize: { width: manifest?.input.width ?? 0, height: manifest?.input.height ?? 0 },
    preprocess: manifest?.preprocess ?? null,
    categoryCount: read?.labels.length ?? 0,
    hasFeatures: manifest?.outputs.features !== undefined,
    architecture: manifest?.facts.architecture ?? null,
    parameterCount: manifest?.facts.parameterCount ?? null,
    macCount: manifest?.facts.macCount ?? null,
    metrics: manifest?.metrics ?? [],
    speed: manifest ? speedOf(manifest.sha256) : null,
    fast,
    own,
    problem: problem?.message ?? null,
  };
}
