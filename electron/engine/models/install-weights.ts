/** @file A fetched file becomes a model: recognised, compared with what it should be, imported. */
import { AppError } from '#core/errors.ts';
import type { ImportProposal } from '#core/model-import.ts';
import type { KnownWeights } from './catalogue/known-weights.ts';
import type { Imports, ImportOrigin } from './import/imports.ts';

const imagenetClasses = 1000;
/** Folding BatchNorms changes the count a little. */
const countTolerance = 0.02;

/**
 * @param file  absolute
 * @throws {AppError} 'download.corrupt' if the file is another model than the catalogue says, 'aborted', and what
 *   `inspect` and `run` of the imports throw
 */
export async function installWeights(
  imports: Imports,
  entry: KnownWeights,
  file: string,
  signal: AbortSignal,
): Promise<{ modelId: string }> {
  const proposal = await imports.inspect(file, { signal });
  const { importId } = proposal;
  const stop = () => imports.cancel(importId);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw new AppError('aborted', 'The import was stopped');
    compare(proposal, entry);
    const choices = {
      id: entry.id,
      title: entry.title,
      preprocess: entry.preprocess,
      labels: 'imagenet-1k' as const,
      // Weight files end before a softmax; a graph that kept it has been seen through by its probe batch.
      outputs: proposal.outputs === 'scores' ? ('scores' as const) : ('logits' as const),
      licence: entry.licence,
    };
    return await imports.run(importId, choices, originOf(entry));
  } catch (thrown) {
    stop();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function compare(proposal: ImportProposal, { architecture, parameterCount, title }: KnownWeights): void {
  const wrong = (found: string) =>
    new AppError('download.corrupt', `The file for ${title} holds ${found}; it was deleted`, {
      details: { architecture: proposal.architecture, expected: architecture },
    });
  if (proposal.architecture !== null && proposal.architecture !== architecture) {
    throw wrong(`a ${proposal.architecture} instead of a ${architecture}`);
  }
  if (proposal.classCount !== imagenetClasses) throw wrong(`${proposal.classCount} categories instead of 1000`);
  const { parameterCount: found } = proposal;
  // Graphs may share equal tensors, so the count says little where the architecture has been recognised.
  const unsure = proposal.architecture === null && found !== null;
  const far = unsure && Math.abs(found - parameterCount) > parameterCount * countTolerance;
  if (far) throw wrong(`${found} weights instead of ${parameterCount}`);
}

function originOf({ url, source, top1, top5, inputSide, title }: KnownWeights): ImportOrigin {
  const metric = (name: string, value: number | null) => (value === null ? [] : [{ name, value, source }]);
  return {
    source: url,
    description: `Knows the 1,000 categories of ImageNet: animals, plants, things. ${title}, trained for ${inputSide} × ${inputSide} pixels.`,
    metrics: [...metric('ImageNet-1k top-1', top1), ...metric('ImageNet-1k top-5', top5)],
  };
}
