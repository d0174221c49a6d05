/** @file `labelwright models providers`: where models can run on this machine. */
import type { Command } from 'commander';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table, tell } from '../output.ts';

interface ProvidersOptions {
  probe: boolean;
  model?: string;
  json?: boolean;
  library?: string;
}

export function addModelsProvidersCommand(models: Command): void {
  models
    .command('providers')
    .description('list where models can run: processor and graphics cards')
    .option('--probe', 'try each one with a model and compare its scores with those of the processor', false)
    .option('--model <id>', 'model to try with (default: the first usable one)')
    .addOption(option.jsonOption('provider'))
    .addOption(option.libraryOption())
    .action(async (options: ProvidersOptions) => {
      await using engine = await openLibrary(options.library);
      if (options.probe) tell('Trying each provider; a driver may take a minute at first …');
      const states = options.probe
        ? await engine.call('providers.probe', { modelId: options.model ?? null })
        : await engine.call('providers.list', {});
      if (options.json) {
        for (const state of states) await printJson(state);
        return;
      }
      const rows = states.map(({ provider, state, imagesPerSecond, maxDifference, reason }) => [
        provider,
        state,
        imagesPerSecond === null ? '' : imagesPerSecond.toFixed(1),
        maxDifference === null ? '' : maxDifference.toExponential(1),
        reason ?? '',
      ]);
      await printData(`${table(['Provider', 'State', 'Images/s', 'Difference', 'Reason'], rows)}\n`);
    });
}
