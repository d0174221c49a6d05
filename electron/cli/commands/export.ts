/** @file `labelwright export <format>`: write what a library knows about one dataset. */
import { Option, type Command } from 'commander';
import { AppError } from '#core/errors.ts';
import { defaultExportOptions, pictureModes, type ExportOptions, type Split } from '#core/export-options.ts';
import { keywordPlaces, type KeywordPlace } from '#core/keywords.ts';
import type { EngineProcess } from '#host';
import { chooseDataset } from '../choose-dataset.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { counted, tell } from '../output.ts';

interface ExportCommandOptions extends Omit<ExportOptions, 'split' | 'keywords'> {
  split?: Omit<Split, 'seed'>;
  seed: number;
  keywords: KeywordPlace;
  out?: string;
  profile?: boolean;
  saveAs?: string;
  restore?: boolean;
  dataset?: string;
  library?: string;
  quiet: boolean;
}

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write the labels of a dataset')
    .argument('<format>', 'see `labelwright formats`; with --profile, the name of a profile')
    .addOption(option.fileOption('--out <path>', 'file or folder to write, replaced as a whole; not for xmp'))
    .option('--profile', 'take format and options from a profile saved before, in the app or by --save-as')
    .option('--save-as <name>', 'keep format and options as a profile of this name, too')
    .option('--dataset <name|id>', 'dataset to export (default: the only one)')
    .addOption(option.libraryOption())
    .addOption(option.includeOption())
    .addOption(option.topKOption(defaultExportOptions.topK))
    .addOption(option.levelOption())
    .addOption(option.scoreOption('--min-score <score>'))
    .option('--only-reviewed', 'only pictures a person accepted or corrected', false)
    .addOption(option.reviewOption())
    .addOption(option.dialectOption())
    .addOption(
      new Option('--pictures <mode>', 'folders: what becomes of the pictures').choices(pictureModes).default('copy'),
    )
    .addOption(option.pathsOption())
    .addOption(option.splitOption())
    .addOption(option.seedOption())
    .addOption(
      new Option('--keywords <where>', 'xmp: sidecar files beside the photos, or inside the photos themselves')
        .choices(keywordPlaces)
        .default('sidecar'),
    )
    .option('--restore', 'xmp: put sidecars and photos back to how they were before the newest export')
    .addOption(option.quietOption())
    .addHelpText(
      'after',
      `
Examples:
  labelwright export csv --out labels.csv --dialect spreadsheet
  labelwright export coco --out labels.json --dataset Holidays --only-reviewed
  labelwright export class-folders --out sorted --pictures hard-link --split 80,10,10 --save-as training
  labelwright export training --profile --out sorted-again
  labelwright export xmp --only-reviewed`,
    )
    .action((format: string, options: ExportCommandOptions) => exportDataset(format, options));
}

async function exportDataset(
  named: string,
  { out, dataset, library, quiet, profile, restore, ...rest }: ExportCommandOptions,
) {
  const isPlain = !profile && !restore && named !== 'xmp';
  if (isPlain && out === undefined) throw new AppError('input.invalid', 'Say where to write it with --out');
  await using engine = await openLibrary(library);
  const { id: datasetId } = chooseDataset(await engine.call('datasets.list', {}), dataset);
  // Awaited here, or the engine would be closed under it.
  if (restore) return await restoreKeywords(engine, datasetId, named, quiet);

  const { format, options } = profile ? await savedProfile(engine, datasetId, named) : chosen(named, rest);
  const target = (await engine.call('formats.list', {})).find(({ id }) => id === format)?.target;
  if (target !== 'photos' && out === undefined) throw new AppError('input.invalid', 'Say where to write it with --out');
  if (rest.saveAs !== undefined) await engine.call('profiles.save', { datasetId, name: rest.saveAs, format, options });

  const { path, companionPath, rowCount, leftOut } = await engine.call('export.write', {
    datasetId,
    format,
    options,
    path: out ?? format,
  });
  if (leftOut.count > 0) {
    tell(`Left out ${leftOut.count} of the pictures:`);
    for (const { fileName, reason } of leftOut.first) tell(`  ${fileName}: ${reason}`);
  }
  if (quiet) return;
  if (target === 'photos') tell(`Wrote keywords of ${counted(rowCount, 'picture')}; --restore takes them back`);
  else tell(`Wrote ${counted(rowCount, 'row')} to ${path}`);
  if (companionPath) tell(`Wrote ${companionPath}, which belongs to it`);
}

type Chosen = Omit<ExportCommandOptions, 'out' | 'dataset' | 'library' | 'quiet' | 'profile' | 'restore'>;

function chosen(format: string, { split, seed, keywords, saveAs: _, ...rest }: Chosen) {
  const options: ExportOptions = {
    ...rest,
    split: split ? { ...split, seed } : null,
    ...(format === 'xmp' && { keywords: { where: keywords } }),
  };
  return { format, options };
}

/** One of the dataset itself counts before one for all datasets. */
async function savedProfile(engine: EngineProcess, datasetId: number, name: string) {
  const profiles = await engine.call('profiles.list', { datasetId });
  const fitting = profiles.filter((profile) => profile.name === name);
  const profile = fitting.find((each) => each.datasetId === datasetId) ?? fitting[0];
  if (profile) return profile;
  const known = profiles.map((each) => each.name).join(', ') || 'none yet';
  throw new AppError('not-found', `There is no profile ${name}; there are: ${known}`);
}

async function restoreKeywords(engine: EngineProcess, datasetId: number, format: string, quiet: boolean) {
  if (format !== 'xmp') throw new AppError('input.invalid', 'Only keywords (xmp) can be taken back');
  const { changed, leftOut } = await engine.call('keywords.restore', { datasetId });
  for (const { fileName, reason } of leftOut.first) tell(`  ${fileName}: ${reason}`);
  if (!quiet) tell(`Put back ${counted(changed, 'sidecar or photo', 'sidecars and photos')}`);
}
