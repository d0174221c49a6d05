/** @file `labelwright label <folder…>`: look for pictures, label them, hand out the labels. */
import type { Command } from 'commander';
import type { CategoryLevel } from '#core/category.ts';
import { defaultExportOptions, type ExportOptions } from '#core/export-options.ts';
import type { EngineProcess } from '#host';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openLibrary } from '../library.ts';
import { sentence } from '../messages.ts';
import * as option from '../options.ts';
import { counted, printJson, tell } from '../output.ts';
import { checkFolder, fromHere } from '../places.ts';
import { openProgress, type ProgressOptions } from '../progress.ts';
import { imageResults } from '../results.ts';
import { followRun } from '../run.ts';
import { isIncomplete, readOutcome, tellOutcome } from '../summary.ts';

interface LabelOptions extends ProgressOptions {
  model?: string;
  topK: number;
  threshold: number;
  level: CategoryLevel;
  csv?: string;
  coco?: string;
  library?: string;
  json?: boolean;
  gentle: boolean;
}

export function addLabelCommand(program: Command): void {
  program
    .command('label')
    .description('label all pictures below one or more folders')
    .argument('<folder...>', 'folders with pictures')
    .option('--model <id>', 'model to label with (default: the first one that can be used)')
    .addOption(option.topKOption(5))
    .addOption(option.scoreOption('--threshold <score>'))
    .addOption(option.levelOption())
    .addOption(option.fileOption('--csv <file>', 'write a CSV table'))
    .addOption(option.fileOption('--coco <file>', 'write a COCO JSON file'))
    .option('--gentle', 'take one core only, with low priority, so that the machine stays usable', false)
    .addOption(option.libraryOption())
    .addOption(option.jsonOption('picture'))
    .addOption(option.quietOption())
    .addOption(option.progressEveryOption())
    .addHelpText(
      'after',
      `
Pictures that have a label already are not labeled again: the same command goes on where it stopped.
Data goes to stdout, progress and the summary to stderr.

Exit codes: 0 all labeled, 1 some could not be labeled, 2 wrong usage or nothing to do,
75 the library is in use, 130 stopped by Ctrl-C.

Examples:
  labelwright label ~/Pictures --csv labels.csv
  labelwright label a b --top-k 3 --threshold 0.2 --json > labels.jsonl`,
    )
    .action(async (folders: string[], options: LabelOptions) => {
      process.exitCode = await label(folders.map(fromHere), options);
    });
}

async function label(folders: string[], options: LabelOptions): Promise<number> {
  for (const folder of folders) await checkFolder(folder);
  await using engine = await openLibrary(options.library);
  const interrupted = onInterrupt(engine);
  const progress = openProgress(options);
  const startedMs = performance.now();

  const { datasetId } = await engine.call('datasets.open', { folders });
  const { model = null, topK, gentle } = options;
  const request = { datasetId, modelId: model, topK, gentle };
  const end = await followRun(engine, request, progress, interrupted).finally(() => progress.stop());
  if (end.kind === 'interrupted') {
    if (!options.quiet)
      tell(`Stopped after ${counted(end.done, 'picture')}. The same command goes on where it stopped.`);
    return exitCodes.interrupted;
  }
  if (end.kind === 'stuck') {
    tell(`${sentence(end.reason ?? 'internal')} Everything so far is kept; the same command goes on.`);
    return exitCodes.incomplete;
  }

  await handOut(engine, datasetId, options);
  const outcome = await readOutcome(engine, datasetId);
  if (outcome.summary.imageCount === 0) {
    tell(`No pictures found in ${folders.join(', ')}.`);
    return exitCodes.usage;
  }
  if (!options.quiet) {
    tellOutcome(outcome, end.done, (performance.now() - startedMs) / 1000);
    if (!options.csv && !options.coco && !options.json) {
      tell('\nSave the labels with --csv labels.csv or --coco labels.json, or print them with --json.');
    }
  }
  return isIncomplete(outcome) ? exitCodes.incomplete : exitCodes.ok;
}

async function handOut(engine: EngineProcess, datasetId: number, { topK, threshold, level, ...options }: LabelOptions) {
  const exportOptions: ExportOptions = { ...defaultExportOptions, topK, minScore: threshold, level };
  if (options.json) {
    for await (const image of imageResults(engine, datasetId, exportOptions)) await printJson(image);
  }
  for (const format of ['csv', 'coco'] as const) {
    const path = options[format];
    if (path === undefined) continue;
    await engine.call('export.write', { datasetId, format, options: exportOptions, path });
    if (!options.quiet) tell(`Wrote ${path}`);
  }
}
