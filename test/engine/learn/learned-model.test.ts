/** @file From decisions to a model that others can run: the whole engine with its own threads, over the samples. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { pixelWriter } from '../../../electron/core/pixel-values.ts';
import { prepare } from '../../../electron/engine/inference/classify.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { ended, modelsFolder, openTestEngine, type TestEngine } from '../../support/engine.ts';
import { accept } from '../../support/imports.ts';
import { temporaryFolder } from '../../support/library.ts';
import { samplePhotos } from '../../support/pictures.ts';

/** What a person says of the samples; of the last two nothing. */
const decided: Record<string, string[]> = {
  'cat-chelsea.jpg': ['alive', 'close'],
  'cup-of-coffee.jpg': ['close'],
  'flower-dahlia.jpg': ['alive', 'close'],
  'portrait-astronaut.jpg': ['alive', 'person'],
  'portrait-hopper.jpg': ['alive', 'person'],
  'temple-china.jpg': ['far'],
  'deep-field.jpg': ['far'],
};

type Scores = Map<string, Map<string, number>>;

async function labelFolder({ call, events }: TestEngine, folder: string, modelId: string | null): Promise<number> {
  const { datasetId } = await call['datasets.open']({ folders: [folder] });
  const { runId } = await call['run.start']({ datasetId, modelId, topK: 4 });
  await expect
    .poll(() => events.some(({ payload }) => isEndOf(payload, runId)), { timeout: 120_000, interval: 50 })
    .toBe(true);
  return datasetId;
}

const isEndOf = (payload: unknown, runId: number): boolean => {
  const progress = payload as Parameters<typeof ended>[0] & { runId?: number };
  return progress.runId === runId && ended(progress);
};

async function rowsOf({ call }: TestEngine, datasetId: number) {
  const { viewId } = await call['view.open']({ datasetId, filter: {}, sort: { key: 'name', descending: false } });
  return call['view.rows']({ viewId, from: 0, count: 20 });
}

/** By picture and category. */
async function shownScores(engine: TestEngine, datasetId: number): Promise<Scores> {
  const scores: Scores = new Map();
  for (const { id, name } of await rowsOf(engine, datasetId)) {
    const { predictions } = await engine.call['image.get']({ imageId: id });
    scores.set(name, new Map(predictions.map(({ category, score }) => [category, score])));
  }
  return scores;
}

/**
 * What the runtime alone says of the pixels that the app itself gives a network.
 *
 * @param categories  in the order of the file
 */
async function plainScores(path: string, categories: readonly string[]): Promise<Scores> {
  const { manifest } = await openRegistry([modelsFolder]).get('resnext26-tags');
  const { width, height, type, layout } = manifest.input;
  const write = pixelWriter({ ...manifest.preprocess, type, layout });
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const scores: Scores = new Map();
  for (const photo of samplePhotos) {
    const { rgb } = await prepare({ id: 1, path: photo }, manifest);
    const values = new Float32Array(3 * width * height);
    write(rgb!, values, 0);
    const found = await session.run({ [session.inputNames[0]!]: new Tensor('float32', values, [1, 3, height, width]) });
    const own = found['scores']!.data as Float32Array;
    scores.set(basename(photo), new Map(categories.map((category, at) => [category, own[at]!])));
  }
  await session.release();
  return scores;
}

function furthest(found: Scores, expected: Scores): number {
  let most = 0;
  for (const [picture, own] of expected) {
    for (const [category, score] of own) {
      most = Math.max(most, Math.abs((found.get(picture)?.get(category) ?? Number.NaN) - score));
    }
  }
  return most;
}

test('several labels a picture are learned, undone, exported, and the model made of them says the same anywhere', async () => {
  const photos = temporaryFolder();
  for (const photo of samplePhotos) cpSync(photo, join(photos, basename(photo)));
  const copies = temporaryFolder();
  for (const photo of samplePhotos) cpSync(photo, join(copies, basename(photo)));
  const ownModels = join(temporaryFolder(), 'models');
  const engine = await openTestEngine(undefined, { modelsPaths: [modelsFolder, ownModels] });
  const { call } = engine;
  // What is exported computes in floats; the form in whole numbers would see each picture a little differently.
  const datasetId = await labelFolder(engine, photos, 'resnext26-tags@original');
  await call['datasets.configure']({ datasetId, multiLabel: true, learn: 'closed' });
  for (const { id, name } of await rowsOf(engine, datasetId)) {
    for (const category of decided[name] ?? []) {
      const action = { kind: 'toggle-name', name: category } as const;
      await call['review.decide']({ datasetId, target: { imageIds: [id] }, action });
    }
  }

  const state = await call['learn.now']({ datasetId });
  expect(state).toMatchObject({ multiLabel: true, exampleCount: 7, categoryCount: 4, head: { current: true } });
  const path = join(temporaryFolder(), 'learned.onnx');
  await call['learn.export']({ datasetId, form: 'onnx', path });
  const learned = await shownScores(engine, datasetId);
  expect(learned.get('portrait-hopper.jpg')!.get('person')).toBeGreaterThan(0.5);
  expect(learned.get('portrait-hopper.jpg')!.get('alive')).toBeGreaterThan(0.5);
  expect(learned.get('cup-of-coffee.jpg')!.get('person')).toBeLessThan(0.5);

  const proposal = await call['models.inspect']({ path });
  const { modelId } = await call['models.import']({ importId: proposal.importId, choices: accept(proposal) });
  const { labels } = await openRegistry([ownModels]).get(modelId);
  const categories = labels.map(({ name }) => name);
  expect(categories.toSorted()).toEqual(['alive', 'close', 'far', 'person']);
  expect(furthest(learned, await plainScores(path, categories))).toBeLessThan(1e-4);
  const again = await labelFolder(engine, copies, modelId);
  expect(furthest(await shownScores(engine, again), learned)).toBeLessThan(1e-4);

  const [hopper] = (await rowsOf(engine, datasetId)).filter(({ name }) => name === 'portrait-hopper.jpg');
  await call['review.decide']({ datasetId, target: { imageIds: [hopper!.id] }, action: { kind: 'clear' } });
  expect(await call['learn.now']({ datasetId })).toMatchObject({ exampleCount: 6, categoryCount: 3 });
  await call['review.undo']({ datasetId });
  expect(await call['learn.now']({ datasetId })).toMatchObject({ exampleCount: 7, categoryCount: 4 });
}, 180_000);
