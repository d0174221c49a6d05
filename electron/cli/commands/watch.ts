/** @file `labelwright watch <folder…>`: label new photos as they arrive and keep a file of labels in step. */
import type { Command } from 'commander';
import type { ExportOptions } from '#core/export-options.ts';
import type { EngineProcess } from '#host';
import { exitCodes } from '../exit-codes.ts';
import { watchFolders } from '../folder-watch.ts';
import { onInterrupt } from '../interrupt.ts';
import { openLibrary } from '../library.ts';
import { sentence } from '../messages.ts';
import * as option from '../options.ts';
import { counted, tell } from '../output.ts';
import { checkFolder, fromHere } from '../places.ts';
import { openProgress, type ProgressOptions } from '../progress.ts';
import { followRun } from '../run.ts';

interface WatchOptions extends ProgressOptions, Omit<ExportOptions, 'split' | 'pictures'> {
  model?: string;
  export: string;
  out?: string;
  library?: string;
  gentle: boolean;
}

export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .description('label new photos as they arrive, until Ctrl-C')
    .argument('<folder...>', 'folders with pictures')
    .option('--model <id>', 'model to label with (default: the first one that can be used)')
    .option('--export <format>', 'format of the file that is kept in step', 'csv')
    .addOption(option.fileOption('--out <file>', 'file that is kept in step, replaced as a whole each time'))
    .addOption(option.includeOption())
    .addOption(option.topKOption(5))
    .addOption(option.levelOption())
    .addOption(option.scoreOption('--min-score <score>'))
    .option('--only-reviewed', 'only pictures a person accepted or corrected', false)
    .addOption(option.reviewOption())
    .addOption(option.dialectOption())
    .addOption(option.pathsOption())
    .option('--gentle', 'take one core only, with low priority, so that the machine stays usable', false)
    .addOption(option.libraryOption())
    .addOption(option.quietOption())
    .addOption(option.progressEveryOption())
    .addHelpText(
      'after',
      `
A file that scripts read is never half written: they see the old one or the new one.

Exit codes: 130 stopped by Ctrl-C, 2 wrong usage, 75 the library is in use.

Example:
  labelwright watch ~/Incoming --out labels.csv`,
    )
    .action(async (folders: string[], options: WatchOptions) => {
      process.exitCode = await watch(folders.map(fromHere), options);
    });
}

async function watch(folders: string[], options: WatchOptions): Promise<number> {
  for (const folder of folders) await checkFolder(folder);
  const { model = null, export: format, out, quiet, progressEvery, library, gentle, ...exportOptions } = options;
  await using engine = await openLibrary(library);
  const interrupted = onInterrupt(engine);
  const { datasetId } = await engine.call('datasets.open', { folders });
  // Begun before the first look, so that nothing is missed in between.
  using watched = watchFolders(folders, (problem) =>
    tell(`Not told of changes, so looked at twice a minute: ${problem}`),
  );

  let written = '';
  for (let isFirst = true; !interrupted.aborted; isFirst = false) {
    const progress = openProgress({ quiet: quiet || !isFirst, progressEvery });
    const request = { datasetId, modelId: model, topK: exportOptions.topK, gentle };
    const end = await followRun(engine, request, progress, interrupted).finally(() => progress.stop());
    if (end.kind === 'interrupted') break;
    if (end.kind === 'stuck') tell(`${sentence(end.reason ?? 'internal')} Tried again after the next change.`);
    const state = await stateOf(engine, datasetId);
    if (out !== undefined && (end.done > 0 || state !== written)) {
      written = state;
      const { rowCount } = await engine.call('export.write', { datasetId, format, options: exportOptions, path: out });
      if (!quiet) tell(`Labeled ${counted(end.done, 'picture')}; wrote ${counted(rowCount, 'row')} to ${out}`);
    } else if (!quiet && end.done > 0) tell(`Labeled ${counted(end.done, 'picture')}`);
    if (isFirst && !quiet) tell('Waiting for new photos; Ctrl-C ends it.');
    await watched.changed(interrupted).catch((thrown: unknown) => {
      if (!interrupted.aborted) throw thrown;
    });
  }
  return exitCodes.interrupted;
}

/** Differs when pictures came, went or got a label. */
async function stateOf(engine: EngineProcess, datasetId: number): Promise<string> {
  const { imageCount, byStatus } = (await engine.call('datasets.list', {})).find(({ id }) => id === datasetId)!;
  return JSON.stringify([imageCount, byStatus]);
}
