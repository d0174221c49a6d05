/** @file `labelwright models optimize <id>`: a form of a model that computes in integers, checked on the person's photos. */
import type { Command } from 'commander';
import { AppError } from '#core/errors.ts';
import type { AgreementReport, FastVariant } from '#core/model.ts';
import type { EngineProcess } from '#host';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openLibrary } from '../library.ts';
import { openOptimizeBar } from '../optimize-progress.ts';
import * as option from '../options.ts';
import { printData, printJson, table, tell } from '../output.ts';
import type { ProgressOptions } from '../progress.ts';

interface OptimizeOptions extends ProgressOptions {
  calibrate?: string;
  json?: boolean;
  library?: string;
}

export function addModelsOptimizeCommand(models: Command): void {
  models
    .command('optimize')
    .description('make a model faster: a form that computes in integers, used if it agrees with the model')
    .argument('<id>', 'as `labelwright models list` shows it')
    .addOption(
      option.fileOption('--calibrate <folder>', "photos to make it with (default: those of the library's datasets)"),
    )
    .addOption(option.jsonOption('report'))
    .addOption(option.libraryOption())
    .addOption(option.quietOption())
    .addOption(option.progressEveryOption())
    .addHelpText(
      'after',
      `
It takes 460 different photos at least, better a thousand: some to measure ranges on, some to choose how, and 300 or more
to compare the result with the model itself. Where they name the same label too rarely, it stays off.

Exit codes: 0 it will be used, 1 it was made and stays off, 2 it could not be made, 75 the library is in use,
130 stopped by Ctrl-C.

Examples:
  labelwright models optimize resnext26-tags
  labelwright models optimize torchvision.resnext50-32x4d --calibrate ~/Pictures`,
    )
    .action(async (modelId: string, options: OptimizeOptions) => {
      process.exitCode = await optimize(modelId, options);
    });
}

async function optimize(modelId: string, options: OptimizeOptions): Promise<number> {
  await using engine = await openLibrary(options.library);
  const interrupted = onInterrupt(engine);
  const bar = openOptimizeBar(options);
  const forget = engine.on('optimize.progress', (progress) => bar.show(progress));
  const stop = () => void engine.call('models.optimize-cancel', {}).catch(() => undefined);
  interrupted.addEventListener('abort', stop, { once: true });
  let report: AgreementReport;
  try {
    const { calibrate: folder } = options;
    report =
      folder === undefined
        ? await engine.call('models.optimize', { modelId, datasetId: null })
        : await engine.call('models.optimize-folder', { modelId, folder });
  } catch (thrown) {
    if (AppError.from(thrown).code !== 'aborted' || !interrupted.aborted) throw thrown;
    bar.stop();
    if (!options.quiet) tell('Stopped; nothing was changed.');
    return exitCodes.interrupted;
  } finally {
    forget();
    bar.stop();
  }
  const fast = await fastOf(engine, modelId);
  if (options.json)
    await printJson({ modelId, ...report, inUse: fast?.inUse ?? false, unusedBecause: fast?.unusedBecause });
  else await printData(`${show(report)}\n`);
  tell(verdict(modelId, report, fast));
  return fast?.inUse ? exitCodes.ok : exitCodes.incomplete;
}

async function fastOf(engine: EngineProcess, modelId: string): Promise<FastVariant | null> {
  return (await engine.call('models.list', {})).find(({ id }) => id === modelId)?.fast ?? null;
}

function show(report: AgreementReport): string {
  const { confident, gate, scoreDrift } = report;
  const rows: (string | number)[][] = [
    ['Same label', percent(report.agreement), `at least ${percent(gate.agreement)}`, count(report.imageCount)],
    [
      'Same label, model sure',
      percent(confident.agreement),
      `at least ${percent(gate.confidentAgreement)}`,
      count(confident.imageCount),
    ],
    ['Same among the best five', percent(report.topFiveOverlap), '', ''],
    ['Score of the best, mean change', scoreDrift.mean.toFixed(3), '', ''],
    ['Score of the best, largest change', scoreDrift.max.toFixed(3), '', ''],
    ['Pictures a second, one thread', report.speedup === null ? '' : `× ${report.speedup.toFixed(2)}`, '', ''],
    ['Ranges', report.ranges, '', `of ${count(report.calibrationImageCount)}`],
    ['Left as it was', report.keptFloat.length === 0 ? 'nothing' : report.keptFloat.slice(0, 3).join(', '), '', ''],
  ];
  return table(['Fast form against the model', '', 'Needed', 'Photos'], rows);
}

export function verdict(modelId: string, { passed, gate }: AgreementReport, fast: FastVariant | null): string {
  if (!passed) {
    return `The fast form of ${modelId} stays off: it names the same label less often than ${percent(gate.agreement)} of all photos, or ${percent(gate.confidentAgreement)} of those the model is sure of. The model labels as before.`;
  }
  return fast?.inUse
    ? `New runs of ${modelId} label with its fast form.`
    : `The fast form of ${modelId} stays off: ${whyUnused(fast)}.`;
}

export function whyUnused(fast: Pick<FastVariant, 'unusedBecause'> | null): string {
  switch (fast?.unusedBecause) {
    case 'differs':
      return 'it differs too much from the model';
    case 'not-faster':
      return 'integers are not faster on this machine';
    case 'inexact':
      return 'this machine computes it inexactly';
    case 'switched-off':
      return 'it was switched off';
    default:
      return 'it is not there any more';
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function count(photos: number): string {
  return `${photos} photos`;
}
