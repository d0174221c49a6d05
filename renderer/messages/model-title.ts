/** @file The name of a model as results know it: its title, and which form of it was meant. */
import { baseModelId, fastSuffix } from '#core/model.ts';
import type { Messages } from './en.ts';

/**
 * @param models     those there are
 * @param modelId    with or without a suffix of its form
 * @param otherwise  for a model that is gone: what was remembered of it
 */
export function modelTitle(
  text: Messages['models'],
  models: readonly { id: string; title: string }[],
  modelId: string,
  otherwise: string = modelId,
): string {
  const baseId = baseModelId(modelId);
  const model = models.find(({ id }) => id === baseId);
  if (!model) return otherwise;
  if (modelId.endsWith(fastSuffix)) return text.fast.title(model.title);
  return modelId === baseId ? model.title : text.fast.original(model.title);
}
