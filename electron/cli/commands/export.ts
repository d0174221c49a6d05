/** @file `labelwright export <format>`: write what a library knows about one dataset. */
import { Option, type Command } from 'commander';
import { defaultExportOptions, pictureModes, type ExportOptions, type Split } from '#core/export-options.ts';
import { chooseDataset } from '../choose-dataset.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { tell } from '../output.ts';

interface ExportCommandOptions extends Omit<ExportOptions, 'split'> {
  split?: Omit<Split, 'seed'>;
  seed: number;
  out: string;
  dataset?: string;
  library?: string;
  quiet: boolean;
}

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write the labels of a dataset to a file')
    .argument(
      '<format>',
      'a file: csv, jsonl, coco, coco-results, fiftyone, label-studio, cvat; a folder: class-folders, imagefolder, image-lists, image-sets, labelme-flags, cvat-imagenet',
    )
    .addOption(option.fileOption('--out <file>', 'file to write, replaced as a whole').makeOptionMandatory())
    .option('--dataset <name|id>', 'dataset to export (default: the only one)')
    .addOption(option.libraryOption())
    .addOption(
      new Option('--include <what>', 'both: decisions, and predictions where there is no decision')
        .choices(['predictions', 'decisions', 'both'])
        .default(defaultExportOptions.include),
    )
    .addOption(option.topKOption(defaultExportOptions.topK))
    .addOption(option.levelOption())
    .addOption(option.scoreOption('--min-score <score>'))
    .option('--only-reviewed', 'only pictures a person accepted or corrected', false)
    .addOption(
      new Option('--dialect <name>', 'CSV for scripts (data) or for Excel and LibreOffice (spreadsheet)')
        .choices(['data', 'spreadsheet'])
        .default(defaultExportOptions.dialect),
    )
    .addOption(
      new Option('--pictures <mode>', 'folders: what becomes of the pictures').choices(pictureModes).default('copy'),
    )
    .addOption(option.splitOption())
    .addOption(option.seedOption())
    .addOption(option.quietOption())
    .addHelpText(
      'after',
      `
Examples:
  labelwright export csv --out labels.csv --dialect spreadsheet
  labelwright export coco --out labels.json --dataset Holidays --only-reviewed`,
    )
    .action((format: string, options: ExportCommandOptions) => exportDataset(format, options));
}

async function exportDataset(
  format: string,
  { out, dataset, library, quiet, split, seed, ...rest }: ExportCommandOptions,
) {
  const options = { ...rest, split: split ? { ...split, seed } : null };
  await using engine = await openLibrary(library);
  const { id: datasetId } = chooseDataset(await engine.call('datasets.list', {}), dataset);
  const { path, companionPath, rowCount, leftOut } = await engine.call('export.write', {
    datasetId,
    format,
    options,
    path: out,
  });
  if (leftOut.count > 0) {
    tell(`Left out ${leftOut.count} of the pictures:`);
    for (const { fileName, reason } of leftOut.first) tell(`  ${fileName}: ${reason}`);
  }
  if (quiet) return;
  tell(`Wrote ${rowCount} rows to ${path}`);
  if (companionPath) tell(`Wrote ${companionPath}, which belongs to it`);
}
