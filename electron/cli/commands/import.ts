/** @file `labelwright import <format> <file>`: take over labels from another tool as decisions. */
import { Option, type Command } from 'commander';
import { defaultImportOptions, conflictRules, type ConflictRule, type ImportPlan } from '#core/label-import.ts';
import { chooseDataset } from '../choose-dataset.ts';
import { exitCodes } from '../exit-codes.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { counted, printJson, tell } from '../output.ts';
import { fromHere } from '../places.ts';

interface ImportCommandOptions {
  dataset?: string;
  library?: string;
  conflicts: ConflictRule;
  predictions: boolean;
  minScore: number;
  dryRun: boolean;
  json?: boolean;
  quiet: boolean;
}

const shownProblems = 10;

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('take over labels from a file or folder of another tool as decisions')
    .argument('<format>', "one of `labelwright formats`, or 'auto' to find out")
    .argument('<path>', 'file or folder with labels', fromHere)
    .option('--dataset <name|id>', 'dataset with the pictures (default: the only one)')
    .addOption(option.libraryOption())
    .addOption(
      new Option('--conflicts <rule>', 'pictures decided otherwise: keep mine, replace by the file, or have both')
        .choices(conflictRules)
        .default('keep'),
    )
    .option('--predictions', 'take what the file only predicts as decided, too', false)
    .addOption(option.scoreOption('--min-score <score>'))
    .option('--dry-run', 'only tell what would be done', false)
    .addOption(option.jsonOption('import'))
    .addOption(option.quietOption())
    .addHelpText(
      'after',
      `
Pictures are found by path, then by file name, then by content. One undo in the app takes all of it back.

Exit codes: 0 all taken over, 1 some entries fit no picture or are wrong, 2 wrong usage or no such file.

Examples:
  labelwright import auto labels.csv --dry-run
  labelwright import coco instances.json --dataset Holidays --conflicts replace`,
    )
    .action(async (format: string, path: string, options: ImportCommandOptions) => {
      process.exitCode = await importLabels(format, path, options);
    });
}

async function importLabels(format: string, path: string, options: ImportCommandOptions): Promise<number> {
  const { predictions, minScore, conflicts, quiet } = options;
  await using engine = await openLibrary(options.library);
  const { id: datasetId } = chooseDataset(await engine.call('datasets.list', {}), options.dataset);
  const plan = await engine.call('labels.open', {
    datasetId,
    path,
    options: { ...defaultImportOptions, format: format === 'auto' ? null : format, predictions, minScore },
  });
  const { importId, ...found } = plan;
  const changed = options.dryRun ? 0 : (await engine.call('labels.import', { importId, conflicts })).changed;
  if (options.json) await printJson({ ...found, changed });
  if (!quiet) tellPlan(plan, options.dryRun ? null : changed);
  const { unmatched, ambiguous, invalid, several } = plan.problems;
  return unmatched + ambiguous + invalid + several > 0 ? exitCodes.incomplete : exitCodes.ok;
}

/** @param changed  pictures; null: nothing was to be changed */
function tellPlan(plan: ImportPlan, changed: number | null): void {
  const { matched, problems } = plan;
  const found = matched.byPath + matched.byName + matched.byContent;
  tell(`Read ${counted(plan.entryCount, 'entry', 'entries')} of ${plan.fileName} as ${plan.format}.`);
  tell(
    `Found ${counted(found, 'picture')}: ${matched.byPath} by path, ${matched.byName} by name, ${matched.byContent} by content.`,
  );
  tell(`${plan.fresh} undecided so far, ${plan.unchanged} decided just so, ${plan.conflicts} decided otherwise.`);
  if (plan.edited > 0) {
    const edited = counted(
      plan.edited,
      'prediction with a changed label counts',
      'predictions with a changed label count',
    );
    tell(`${edited} as decided.`);
  }
  if (plan.leftOut > 0)
    tell(`Left out ${counted(plan.leftOut, 'that only predicts', 'that only predict')}; --predictions takes them too.`);
  if (plan.newCategoryCount > 0) {
    const named = plan.newCategories.slice(0, shownProblems).join(', ');
    tell(`New categories (${plan.newCategoryCount}): ${named}${plan.newCategoryCount > shownProblems ? ', …' : ''}`);
  }
  const wrong = Object.values(problems).reduce((sum, count) => sum + count, 0);
  if (wrong > 0) {
    tell(`${counted(wrong, 'entry was', 'entries were')} not taken:`);
    for (const { file, place, reason } of plan.firstProblems.slice(0, shownProblems)) {
      tell(`  ${place}: ${file}: ${reason}`);
    }
    if (wrong > shownProblems) tell(`  and ${wrong - shownProblems} more`);
  }
  tell(changed === null ? 'Nothing was changed.' : `Took over the labels of ${counted(changed, 'picture')}.`);
}
