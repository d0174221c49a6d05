/** @file `labelwright datasets list`: what a library holds. */
import type { Command } from 'commander';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table } from '../output.ts';

export function addDatasetsCommand(program: Command): void {
  const datasets = program.command('datasets').description('datasets of a library');
  datasets
    .command('list')
    .description('list all datasets with their folders and counts')
    .addOption(option.libraryOption())
    .addOption(option.jsonOption('dataset'))
    .action(async (options: { library?: string; json?: boolean }) => {
      await using engine = await openLibrary(options.library);
      const found = await engine.call('datasets.list', {});
      if (options.json) {
        for (const dataset of found) await printJson(dataset);
        return;
      }
      const rows = found.map(({ id, name, imageCount, byStatus, byReview, sources }) => [
        id,
        name,
        imageCount,
        byStatus.done,
        byStatus.failed,
        byReview.accepted + byReview.corrected,
        sources.map(({ folder }) => folder).join(', '),
      ]);
      await printData(`${table(['Id', 'Name', 'Pictures', 'Labeled', 'Failed', 'Reviewed', 'Folders'], rows)}\n`);
    });
}
