/** @file `labelwright models compare <a> <b>`: where two models that labeled the same pictures differ. */
import type { Command } from 'commander';
import type { ModelComparison } from '#core/model.ts';
import { chooseDataset } from '../choose-dataset.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table } from '../output.ts';

interface CompareOptions {
  dataset?: string;
  json?: boolean;
  library?: string;
}

/** Rows shown of each list; `--json` has all. */
const shownRows = 10;

export function addModelsCompareCommand(models: Command): void {
  models
    .command('compare')
    .description('compare two models by the best label of each picture that both labeled')
    .argument('<first>', 'id of a model')
    .argument('<second>', 'id of another one')
    .option('--dataset <name|id>', 'dataset that both labeled (default: the only one)')
    .addOption(option.jsonOption('comparison'))
    .addOption(option.libraryOption())
    .action(async (first: string, second: string, options: CompareOptions) => {
      await using engine = await openLibrary(options.library);
      const { id: datasetId } = chooseDataset(await engine.call('datasets.list', {}), options.dataset);
      const comparison = await engine.call('models.compare', { datasetId, modelIds: [first, second] });
      if (options.json) await printJson({ models: [first, second], ...comparison });
      else await printData(`${show(comparison, [first, second])}\n`);
    });
}

function show(comparison: ModelComparison, names: [string, string]): string {
  const { imageCount, agreedCount, meanScores, decided, confusion, categories } = comparison;
  const facts = [
    ['Pictures', String(imageCount), ''],
    ['Same label', String(agreedCount), percent(agreedCount, imageCount)],
  ];
  const scores = [
    ['Mean score', ...meanScores.map((score) => score.toFixed(3))],
    ...(decided
      ? [
          [
            `Right, of ${decided.imageCount} decided`,
            ...decided.correct.map((count) => withShare(count, decided.imageCount)),
          ],
        ]
      : []),
  ];
  const parts = [table(['', '', ''], facts).split('\n').slice(1).join('\n'), table(['', ...names], scores)];
  if (confusion.length > 0) {
    const rows = confusion.slice(0, shownRows).map((pair) => [...pair.categories, pair.imageCount]);
    parts.push(table([...names, 'Pictures'], rows));
  }
  const differing = categories.filter(({ counts: [first, second] }) => first !== second).slice(0, shownRows);
  if (differing.length > 0) {
    parts.push(
      table(
        ['Label', ...names],
        differing.map(({ name, counts }) => [name, ...counts]),
      ),
    );
  }
  return parts.join('\n\n');
}

function withShare(count: number, total: number): string {
  return `${count} (${percent(count, total)})`;
}

function percent(count: number, total: number): string {
  return total === 0 ? '' : `${((count / total) * 100).toFixed(1)} %`;
}
