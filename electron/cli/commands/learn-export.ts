/** @file `labelwright learn export`: what was learned from decisions as a model of its own. */
import { Option, type Command } from 'commander';
import { headForms } from '#core/learn.ts';
import { chooseDataset } from '../choose-dataset.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { tell } from '../output.ts';

interface LearnExportOptions {
  out: string;
  form?: (typeof headForms)[number];
  dataset?: string;
  library?: string;
  quiet: boolean;
}

export function addLearnExportCommand(learn: Command): void {
  learn
    .command('export')
    .description('write what was learned from your decisions as a model')
    .addOption(option.fileOption('--out <file>', 'file to write, replaced as a whole').makeOptionMandatory())
    .addOption(
      new Option(
        '--form <form>',
        'onnx: network and head in one file; json: the head alone (default: by the ending of --out, else onnx)',
      ).choices(headForms),
    )
    .option('--dataset <name|id>', 'dataset it was learned from (default: the only one)')
    .addOption(option.libraryOption())
    .addOption(option.quietOption())
    .addHelpText(
      'after',
      `
The ONNX file carries its labels and preprocessing; any ONNX runtime runs it, and so does Labelwright.

Examples:
  labelwright learn export --out holidays.onnx --dataset Holidays
  labelwright models add holidays.onnx --yes`,
    )
    .action((options: LearnExportOptions) => exportLearned(options));
}

async function exportLearned({ out, form, dataset, library, quiet }: LearnExportOptions): Promise<void> {
  await using engine = await openLibrary(library);
  const { id: datasetId } = chooseDataset(await engine.call('datasets.list', {}), dataset);
  const byName = out.toLowerCase().endsWith('.json') ? 'json' : 'onnx';
  const { path, sizeBytes } = await engine.call('learn.export', { datasetId, form: form ?? byName, path: out });
  if (!quiet) tell(`Wrote ${(sizeBytes / 1e6).toFixed(1)} MB to ${path}`);
}
