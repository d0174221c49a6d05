/** @file Which models there are: folders with a `model.json`, found by looking. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import { labelsSchema, manifestSchema, type InstalledModel, type Manifest, type ModelLabel } from './manifest.ts';
import { inspectOnnx } from './onnx/inspect.ts';

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
}

interface Found {
  folder: string;
  /** Folder name until the manifest is read. */
  id: string;
  read: { manifest: Manifest; labels: ModelLabel[] } | null;
  problem: AppError | null;
}

/** @param folders  absolute; each holds model folders. Missing ones are empty; of equal ids the first wins. */
export function openRegistry(folders: string[]): Registry {
  async function find(): Promise<Found[]> {
    const found: Found[] = [];
    for (const folder of folders) {
      for (const name of await modelFolders(folder)) found.push(await readFolder(join(folder, name), name));
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

  return {
    async list() {
      return (await find()).map(describe);
    },

    async get(modelId) {
      const model = (await find()).find(({ id }) => id === modelId);
      if (!model) throw new AppError('model.not-found', `There is no model "${modelId}"`);
      if (model.problem || !model.read) throw model.problem ?? new AppError('model.invalid', 'Unreadable model');
      const { manifest, labels } = model.read;
      const file = join(model.folder, manifest.file);
      inspectOnnx(file, manifest.sizeBytes);
      const sha256 = await hashFile(file);
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
  };
}

async function modelFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const manifest = await lstat(join(folder, entry.name, 'model.json')).catch(() => null);
    if (manifest) names.push(entry.name);
  }
  return names.sort();
}

async function readFolder(folder: string, name: string): Promise<Found> {
  const found: Found = { folder, id: name, read: null, problem: null };
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

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function describe({ id, read, problem }: Found): Model {
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
    speed: null,
    own: false,
    problem: problem?.message ?? null,
  };
}
