/** @file From a recognised source and a person's choices to a model folder whose graph has been proven to run. */
import { AppError } from '#core/errors.ts';
import type { ImportChoices, ImportProgress } from '#core/model-import.ts';
import { sha256Of } from '../hash-file.ts';
import type { ModelLabel } from '../manifest.ts';
import { inspectOnnx } from '../onnx/inspect.ts';
import { findClassOutput } from './class-output.ts';
import type { ImportOrigin } from './imports.ts';
import { draftModel } from './model-folder.ts';
import { chosenPreprocess } from './preprocess-proposals.ts';
import { probe, sameRows } from './probe.ts';
import type { Source } from './source.ts';

export interface ConvertOptions {
  ownModels: string;
  signal: AbortSignal;
  onStep: (step: ImportProgress['step']) => void;
}

/**
 * @param labels  one for each class
 * @throws {AppError} 'model.unsupported' if a choice does not fit, 'model.invalid' if the graph does not run,
 *   'disk.full', 'aborted', 'input.invalid' if the id has been taken meanwhile
 */
export async function convertSource(
  source: Source,
  choices: ImportChoices,
  labels: ModelLabel[],
  origin: ImportOrigin,
  { ownModels, signal, onStep }: ConvertOptions,
): Promise<void> {
  const preprocess = chosenPreprocess(source, choices.preprocess);
  const size = { width: preprocess.cropWidth, height: preprocess.cropHeight };
  onStep('converting');
  const sourceSha256 = await sha256Of(source.path);
  stopIf(signal);
  await using draft = await draftModel(ownModels, source.model(size) ?? source.path);
  stopIf(signal);

  onStep('checking');
  inspectOnnx(draft.path, draft.sizeBytes);
  await prove(draft.path, source, size, choices.outputs, signal);
  const { input, output, features } = source.names;
  await draft.finish(
    {
      version: 1,
      id: choices.id,
      title: choices.title,
      family: source.architecture === null ? '' : 'ResNeXt',
      description: origin.description,
      input: { name: input, layout: source.input.layout, type: source.input.type, ...size },
      preprocess,
      outputs: {
        ...(choices.outputs === 'logits' ? { logits: output } : { scores: output }),
        ...(features !== null && { features }),
      },
      ...(source.statement?.multiLabel && { multiLabel: true }),
      temperature: 1,
      unsureBelow: 0.5,
      licence: choices.licence.trim() || (source.statement?.licence ?? 'Not stated'),
      facts: {
        ...(source.architecture !== null && { architecture: source.architecture }),
        ...(source.parameterCount !== null && { parameterCount: source.parameterCount }),
        ...(source.macCount !== null && { macCount: source.macCount }),
        source: origin.source,
        sourceSha256,
      },
      metrics: origin.metrics,
    },
    labels,
  );
  onStep('finished');
}

/** The written file, run with one picture and with four: finite, independent of its neighbours, scores if so claimed. */
async function prove(
  path: string,
  source: Source,
  size: { width: number; height: number },
  claimed: ImportChoices['outputs'],
  signal: AbortSignal,
): Promise<void> {
  const rows = source.fixedRows === null ? [1, 4] : [source.fixedRows];
  const outputs = await probe(path, { ...size, type: source.input.type }, rows, signal);
  const found = outputs.at(-1)?.[source.names.output];
  if (!found?.values.every(Number.isFinite)) {
    throw new AppError('model.invalid', 'The model gives no finite scores for a picture');
  }
  if (source.fixedRows === null && !sameRows(outputs, source.names.output)) {
    throw new AppError('model.invalid', 'The model gives a picture other scores when it comes with others');
  }
  if (claimed === 'scores' && findClassOutput({ [source.names.output]: found }).kind !== 'scores') {
    throw new AppError('model.unsupported', 'The outputs are no scores: those of one picture do not sum to one');
  }
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('aborted', 'The import was cancelled');
}
