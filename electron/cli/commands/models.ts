/** @file `labelwright models list`: what there is to label with. */
import type { Command } from 'commander';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table } from '../output.ts';
import { addModelsAddCommand } from './models-add.ts';
import { addModelsBenchCommand } from './models-bench.ts';
import { addModelsCatalogueCommand } from './models-catalogue.ts';
import { addModelsCompareCommand } from './models-compare.ts';
import { addModelsDownloadCommand } from './models-download.ts';
import { addModelsOptimizeCommand, whyUnused } from './models-optimize.ts';
import { addModelsOwnCommands } from './models-own.ts';
import { addModelsProvidersCommand } from './models-providers.ts';

export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('models that can label pictures');
  models
    .command('list')
    .description('list all models found')
    .addOption(option.libraryOption())
    .addOption(option.jsonOption('model'))
    .action(async (options: { library?: string; json?: boolean }) => {
      await using engine = await openLibrary(options.library);
      const found = await engine.call('models.list', {});
      if (options.json) {
        for (const model of found) await printJson(model);
        return;
      }
      const rows = found.map(({ id, title, categoryCount, sizeBytes, fast, problem }) => [
        id,
        title,
        categoryCount,
        Math.round(sizeBytes / 1e5) / 10,
        fast === null ? '' : fast.inUse ? 'in use' : `off: ${whyUnused(fast)}`,
        problem ?? 'ready',
      ]);
      await printData(`${table(['Id', 'Title', 'Categories', 'Megabytes', 'Fast form', 'State'], rows)}\n`);
    });
  const more = [
    addModelsAddCommand,
    addModelsCatalogueCommand,
    addModelsDownloadCommand,
    addModelsBenchCommand,
    addModelsProvidersCommand,
    addModelsCompareCommand,
    addModelsOptimizeCommand,
    addModelsOwnCommands,
  ];
  for (const add of more) add(models);
}
