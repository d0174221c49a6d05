/** @file A head in a file: joined with its network as an ONNX model, or its numbers as JSON. */
import { join } from 'node:path';
import type { headForms } from '#core/learn.ts';
import { AppError } from '#core/errors.ts';
import { replaceableMode, writeExport } from '../export/write-file.ts';
import type { InstalledModel, ModelLabel } from '../models/manifest.ts';
import { readOnnx } from '../models/onnx/read.ts';
import { writeOnnx } from '../models/onnx/write.ts';
import { withStatement } from '../models/statement.ts';
import { headGraph } from './head-graph.ts';
import type { HeadModel } from './head-model.ts';

export type HeadForm = (typeof headForms)[number];

export interface HeadExport {
  head: HeadModel;
  /** In the order of the head's categories; see `headLabels`. */
  labels: readonly ModelLabel[];
  /** Whose embeddings the head reads, in its float form. */
  model: InstalledModel;
  /** Of the dataset: what the model will be called. */
  title: string;
  createdMs: number;
}

/**
 * Written whole or not at all; an old file is replaced.
 *
 * 'onnx': one file that any ONNX runtime runs. Its metadata carry labels and preprocessing, so that adding it as a model
 * needs nothing else. 'json': what it takes to compute the scores from the network's features, the weights as float32
 * in base64, row by row, little endian.
 *
 * @param path  absolute
 * @throws {AppError} 'model.unsupported' if the network has no features of the head's width, 'export.failed',
 *   'disk.full', 'model.invalid' from 2 GiB on
 */
export async function exportHead(parts: HeadExport, form: HeadForm, path: string): Promise<{ sizeBytes: number }> {
  const { head, labels } = parts;
  if (labels.length !== head.categoryIds.length || head.weights.length !== labels.length * head.width) {
    throw new AppError('internal', 'The head and its labels do not fit each other');
  }
  if (form === 'onnx') return writeModel(parts, path);
  const { sizeBytes } = await writeExport(path, [`${JSON.stringify(describe(parts), undefined, 1)}\n`]);
  return { sizeBytes };
}

async function writeModel(parts: HeadExport, path: string): Promise<{ sizeBytes: number }> {
  const { head, labels, model, title, createdMs } = parts;
  const { manifest, folder } = model;
  const { features } = manifest.outputs;
  if (features === undefined) throw new AppError('model.unsupported', `"${model.id}" has no features to learn from`);
  await replaceableMode(path);
  using network = readOnnx(join(folder, manifest.file), manifest.sizeBytes);
  const stated = withStatement(headGraph(network, features, head), {
    version: 1,
    title: title.slice(0, 200) || manifest.title,
    licence: manifest.licence,
    preprocess: manifest.preprocess,
    labels: [...labels],
    multiLabel: head.multiLabel,
    base: { id: model.id, sha256: model.sha256 },
    createdMs,
  });
  const { sizeBytes } = await writeOnnx(path, stated);
  return { sizeBytes };
}

function describe({ head, labels, model, title, createdMs }: HeadExport) {
  const { manifest, id, sha256 } = model;
  const { buffer, byteOffset, byteLength } = head.weights;
  return {
    version: 1,
    title,
    created: new Date(createdMs).toISOString(),
    model: { id, sha256, title: manifest.title, licence: manifest.licence, features: manifest.outputs.features },
    input: manifest.input,
    preprocess: manifest.preprocess,
    categories: labels,
    multiLabel: head.multiLabel,
    temperature: head.temperature,
    width: head.width,
    biases: [...head.biases],
    weights: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  };
}
