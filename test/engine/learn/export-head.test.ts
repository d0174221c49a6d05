import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { pixelWriter } from '../../../electron/core/pixel-values.ts';
import { prepare } from '../../../electron/engine/inference/classify.ts';
import { openSession, type ModelOutput } from '../../../electron/engine/inference/session.ts';
import { exportHead, type HeadExport } from '../../../electron/engine/learn/export-head.ts';
import type { HeadModel } from '../../../electron/engine/learn/head-model.ts';
import { libvips } from '../../../electron/engine/libvips.ts';
import type { InstalledModel } from '../../../electron/engine/models/manifest.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { headLabelsOfTest, headScores, randomHead } from '../../support/heads.ts';
import { accept, openTestImports } from '../../support/imports.ts';
import { temporaryFolder } from '../../support/library.ts';
import { largestDifference } from '../../support/onnx-run.ts';
import { samplePhotos } from '../../support/pictures.ts';
import { writeTinyResnext } from '../../support/tiny-resnext.ts';

const models = new URL('../../../models', import.meta.url).pathname;
let bundled: InstalledModel;
beforeAll(async () => {
  libvips();
  bundled = await openRegistry([models]).get('resnext26-tags');
});

const kinds = [
  ['softmax', false],
  ['a sigmoid for each category', true],
] as const;

function parts(model: InstalledModel, head: HeadModel): HeadExport {
  return { head, labels: headLabelsOfTest, model, title: 'Holidays', createdMs: Date.UTC(2026, 0, 2) };
}

async function pixels(model: InstalledModel): Promise<Uint8Array[]> {
  const prepared = await Promise.all(samplePhotos.map((path) => prepare({ id: 1, path }, model.manifest)));
  return prepared.map(({ rgb }) => rgb!);
}

/** What the app's own session makes of pictures. */
async function outputsOf(model: InstalledModel, pictures: readonly Uint8Array[]): Promise<ModelOutput[]> {
  const options = { threads: 1, embeddings: true, provider: 'cpu', mergeWidth: 0 } as const;
  const session = await openSession(model, options);
  const outputs = await session.run(pictures);
  await session.release();
  return outputs.map((output) => output!);
}

/** What the runtime alone makes of them, given what any program can know: names of outputs and pixel values. */
async function plainScores(path: string, { manifest }: InstalledModel, pictures: readonly Uint8Array[]) {
  const { width, height, type, layout } = manifest.input;
  const values = new Float32Array(pictures.length * 3 * width * height);
  const write = pixelWriter({ ...manifest.preprocess, type, layout });
  pictures.forEach((rgb, row) => write(rgb, values, row));
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const input = new Tensor('float32', values, [pictures.length, 3, height, width]);
  const { scores } = await session.run({ [session.inputNames[0]!]: input });
  await session.release();
  return scores!.data as Float32Array;
}

describe.each(kinds)('a head with %s, joined with the bundled network', (_, multiLabel) => {
  test('gives in plain onnxruntime what the head says of the features, and the same as an imported model', async () => {
    const head = randomHead(1024, { multiLabel });
    const folder = temporaryFolder();
    const path = join(folder, 'Holidays.onnx');
    const { sizeBytes } = await exportHead(parts(bundled, head), 'onnx', path);
    expect(readFileSync(path).length).toBe(sizeBytes);
    expect(readdirSync(folder)).toEqual(['Holidays.onnx']);

    const pictures = await pixels(bundled);
    const outputs = await outputsOf(bundled, pictures);
    const expected = outputs.flatMap(({ features }) => headScores(head, features!));
    expect(largestDifference(await plainScores(path, bundled, pictures), expected)).toBeLessThan(1e-4);

    const { imports, models: own } = openTestImports();
    const proposal = await imports.inspect(path);
    expect(proposal).toMatchObject({
      classCount: 3,
      outputs: 'logits',
      hasFeatures: true,
      preprocessSure: true,
      title: 'Holidays',
    });
    const { modelId } = await imports.run(proposal.importId, accept(proposal));
    const imported = await openRegistry([own]).get(modelId);
    expect(imported.labels).toEqual(headLabelsOfTest);
    expect(imported.manifest.preprocess).toEqual(bundled.manifest.preprocess);
    expect(imported.manifest.licence).toBe(bundled.manifest.licence);
    expect(imported.manifest.multiLabel ?? false).toBe(multiLabel);
    const found = await outputsOf(imported, pictures);
    expect(
      largestDifference(
        found.flatMap(({ scores }) => [...scores]),
        expected,
      ),
    ).toBeLessThan(1e-4);
    // Another head can be learned on top of it.
    const features = (from: ModelOutput[]) => from.flatMap((output) => [...output.features!]);
    expect(largestDifference(features(found), features(outputs))).toBeLessThan(1e-4);
  });
});

test('a head of a ResNeXt of our own building runs as well, and carries nothing of the old classifier', async () => {
  const tiny = await writeTinyResnext(temporaryFolder());
  const head = randomHead(2048);
  const path = join(temporaryFolder(), 'head.onnx');
  const { sizeBytes } = await exportHead(parts(tiny, head), 'onnx', path);

  const pictures = await pixels(tiny);
  const expected = (await outputsOf(tiny, pictures)).flatMap(({ features }) => headScores(head, features!));
  expect(largestDifference(await plainScores(path, tiny, pictures), expected)).toBeLessThan(1e-4);
  const oldBytes = 5 * 2049 * 4;
  const newBytes = 3 * 2049 * 4;
  expect(Math.abs(sizeBytes - (tiny.manifest.sizeBytes - oldBytes + newBytes))).toBeLessThan(4096);
});

test('as JSON it says all it takes to compute its scores', async () => {
  const head = randomHead(1024);
  const path = join(temporaryFolder(), 'head.json');
  const { sizeBytes } = await exportHead(parts(bundled, head), 'json', path);

  const text = readFileSync(path);
  const json = JSON.parse(text.toString()) as Record<string, unknown>;
  expect(sizeBytes).toBe(text.length);
  expect(json).toMatchObject({
    version: 1,
    title: 'Holidays',
    created: '2026-01-02T00:00:00.000Z',
    model: { id: 'resnext26-tags', sha256: bundled.sha256, features: 'features' },
    preprocess: bundled.manifest.preprocess,
    categories: headLabelsOfTest,
    multiLabel: false,
    temperature: 1.7,
    width: 1024,
    biases: [...head.biases],
  });
  const bytes = Buffer.from(json['weights'] as string, 'base64');
  const weights = Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
  expect(weights).toEqual(head.weights);
});

test('a network without features, or with others than the head reads, is refused before anything is written', async () => {
  const path = join(temporaryFolder(), 'head.onnx');
  const { logits } = bundled.manifest.outputs;
  const blind = { ...bundled, manifest: { ...bundled.manifest, outputs: { logits } } };

  await expect(exportHead(parts(blind, randomHead(1024)), 'onnx', path)).rejects.toThrow(/no features/);
  await expect(exportHead(parts(bundled, randomHead(1000)), 'onnx', path)).rejects.toMatchObject({
    code: 'model.unsupported',
  });
  expect(existsSync(path)).toBe(false);
});

test.each(['onnx', 'json'] as const)('as %s it replaces a file, but neither a folder nor a link', async (form) => {
  const folder = temporaryFolder();
  const [file, inner, link] = ['file', 'inner', 'link'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(file, 'old');
  mkdirSync(inner);
  symlinkSync(file, link);

  for (const path of [inner, link]) {
    await expect(exportHead(parts(bundled, randomHead(1024)), form, path)).rejects.toMatchObject({
      code: 'export.failed',
    });
  }
  expect(readFileSync(file, 'utf8')).toBe('old');
  const { sizeBytes } = await exportHead(parts(bundled, randomHead(1024)), form, file);
  expect(readFileSync(file).length).toBe(sizeBytes);
  expect(readdirSync(folder).toSorted()).toEqual(['file', 'inner', 'link']);
});
