/** @file `labelwright learn eval <folder>`: how well pictures of known categories are learned, by number of examples. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '#core/errors.ts';
import type { Interval } from '#core/learn.ts';
import type { LearnEvaluation, QueueEvaluation } from '#core/learn-evaluation.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table, tell } from '../output.ts';
import { fromHere } from '../places.ts';
import { openProgress } from '../progress.ts';
import { followRun } from '../run.ts';

interface LearnEvalOptions {
  model?: string;
  seeds: number;
  json?: boolean;
  quiet: boolean;
}

export function addLearnEvalCommand(learn: Command): void {
  learn
    .command('eval')
    .description('measure how well folders of pictures are learned, one folder for each category')
    .argument('<folder>', 'folder whose folders are the categories')
    .option('--model <id>', 'model whose embeddings to learn from (default: the first one that can be used)')
    .addOption(option.seedsOption())
    .addOption(option.jsonOption('evaluation'))
    .addOption(option.quietOption())
    .addHelpText(
      'after',
      `
Learns from 1, 2, 5, 10 and 20 pictures of each category, as far as there are five more to test on, and tells how often
the rest is right: of the head that the app learns, of one that sees decided pictures alone, and of the nearest mean.
Then how many labels it takes to be nearly as good as with all of them, in random order and in that of the queue, and
how many wrong decisions the queue of probable slips shows first. Your library stays as it is.

Example:
  labelwright learn eval ~/Pictures/by-species`,
    )
    .action(async (folder: string, options: LearnEvalOptions) => {
      process.exitCode = await evaluate(fromHere(folder), options);
    });
}

async function evaluate(folder: string, { model, seeds, json, quiet }: LearnEvalOptions): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'labelwright-eval-'));
  try {
    await using engine = await openLibrary(join(home, 'eval.labelwright'));
    const interrupted = onInterrupt(engine);
    const { datasetId } = await engine.call('datasets.open', { folders: [folder] });
    const progress = openProgress({ quiet, progressEvery: 5 });
    const request = { datasetId, modelId: model ?? null, topK: 1, gentle: false };
    const end = await followRun(engine, request, progress, interrupted).finally(() => progress.stop());
    if (end.kind === 'interrupted') return exitCodes.interrupted;
    if (end.kind === 'stuck') throw new AppError('inference.failed', 'The pictures could not be labeled');
    const evaluation = await engine.call('learn.evaluate', { datasetId, seeds });
    if (json) await printJson(evaluation);
    else await printData(`${show(evaluation)}\n`);
    if (evaluation.steps.length === 0) tell('There are too few pictures in a folder to measure anything.');
    return evaluation.steps.length === 0 ? exitCodes.incomplete : exitCodes.ok;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function show({ modelId, width, imageCount, categoryCount, seeds, steps, queues }: LearnEvaluation): string {
  const rows = steps.map(({ exampleCount, head, alone, centroid }) => [
    exampleCount,
    percent(head),
    percent(alone),
    percent(centroid),
  ]);
  const about = `${imageCount} pictures of ${categoryCount} categories, ${width} values each of ${modelId}; means of ${seeds}, 95 %`;
  const accuracy = table(['Examples each', 'Head', 'Without undecided', 'Nearest mean'], rows);
  return `  ${about}\n\n${accuracy}\n\n${showQueues(queues)}`;
}

function showQueues({ poolSize, aloneLabels, randomLabels, diverseLabels, slipsFound }: QueueEvaluation): string {
  const whole = (value: number) => value.toFixed(0);
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const row = (name: string, values: number[], written: (value: number) => string) => [
    name,
    ...[middle(values), mean(values), Math.min(...values), Math.max(...values)].map(written),
  ];
  return table(
    ['', 'Median', 'Mean', 'Least', 'Most'],
    [
      row(`Labels of ${poolSize} in random order, without undecided`, aloneLabels, whole),
      row('Labels in random order', randomLabels, whole),
      row('Labels in the order of the queue', diverseLabels, whole),
      row('Wrong decisions in the first tenth', slipsFound, share),
    ],
  );
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent({ value, low, high }: Interval): string {
  const points = (share: number) => (100 * share).toFixed(1);
  return `${points(value)} % (${points(low)}–${points(high)})`;
}
