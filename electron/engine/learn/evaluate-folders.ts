/** @file Measure learning on a dataset whose folders are categories. */
import type { CallInput, CallOutput } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { baseModelId } from '#core/model.ts';
import { readFloats } from '#core/tensor.ts';
import type { Store } from '../store/store.ts';
import { folderExamples } from '../store/folder-examples.ts';
import { evaluateLearning } from './evaluate.ts';
import { evaluateQueues } from './evaluate-queues.ts';
import type { Examples } from './head-model.ts';
import { openMultiplier } from './multiplier.ts';
import { fitProjection, project, scaleRows } from './projection.ts';

/** As many components as learning in the app uses for libraries of ordinary size. */
const components = 256;
const fewestPictures = 6;

/**
 * In this thread, in pieces of some milliseconds each: only the command line asks for it.
 *
 * @throws {AppError} 'input.invalid' for fewer than two folders with six labeled pictures each, or a model without
 *   embeddings
 */
export async function evaluateFolders(
  store: Store,
  { datasetId, seeds }: CallInput<'learn.evaluate'>,
): Promise<CallOutput<'learn.evaluate'>> {
  const { modelName, examples } = folderExamples(store.db, datasetId);
  const folderOf = (path: string) => path.split(/[\\/]/).at(-2) ?? '';
  const counts = new Map<string, number>();
  for (const { path } of examples) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  counts.delete('');
  const names = [...counts.keys()].filter((name) => counts.get(name)! >= fewestPictures);
  if (names.length < 2) {
    throw new AppError('input.invalid', 'Two folders with six labeled pictures each, or more, are needed to measure');
  }
  const places = new Map(names.map((name, place) => [name, place]));
  const used = examples.filter(({ path }) => places.has(folderOf(path)));
  const width = used[0]!.features.length / 2;
  const values = new Float32Array(used.length * width);
  used.forEach(({ features }, row) => {
    values.set(readFloats({ type: 'float16', shape: [width], bytes: () => features }), row * width);
  });
  const embeddings = scaleRows({ values, rows: used.length, width });
  await using multiplier = await openMultiplier();
  const projection = await fitProjection(embeddings, components, multiplier);
  const all: Examples = {
    imageIds: Int32Array.from(used, ({ imageId }) => imageId),
    features: await project(embeddings, projection, multiplier),
    labels: used.map(({ path }) => [places.get(folderOf(path))!]),
    categoryIds: names.map((_, place) => place + 1),
  };
  const learned = await evaluateLearning(all, seeds, multiplier);
  return { modelId: baseModelId(modelName), width, ...learned, queues: await evaluateQueues(all, seeds, multiplier) };
}
