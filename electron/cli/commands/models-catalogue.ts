/** @file `labelwright models catalogue`: published weights that can be fetched. */
import type { Command } from 'commander';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table } from '../output.ts';

export function addModelsCatalogueCommand(models: Command): void {
  models
    .command('catalogue')
    .description('list published weights that can be fetched; nothing is fetched yet')
    .addOption(option.libraryOption())
    .addOption(option.jsonOption('entry'))
    .action(async (options: { library?: string; json?: boolean }) => {
      await using engine = await openLibrary(options.library);
      const entries = await engine.call('catalogue.list', {});
      if (options.json) {
        for (const entry of entries) await printJson(entry);
        return;
      }
      const rows = entries.map((entry) => [
        entry.id,
        percent(entry.top1),
        percent(entry.top5),
        tenths(entry.macCount / 1e9),
        tenths(entry.parameterCount / 1e6),
        entry.sizeBytes === null ? '' : Math.round(entry.sizeBytes / 1e6),
        entry.nonCommercial ? 'non-commercial' : (entry.licence.split(' ')[0] ?? ''),
        entry.installed ? 'yes' : '',
      ]);
      const headers = ['Id', 'Top-1 %', 'Top-5 %', 'GMACs', 'M parameters', 'Megabytes', 'Licence', 'Installed'];
      await printData(`${table(headers, rows)}\n`);
    });
}

function percent(share: number | null): string | number {
  return share === null ? '' : tenths(share * 100);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
