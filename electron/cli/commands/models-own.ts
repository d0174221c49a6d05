/** @file `labelwright models rename` and `models remove`: changes to the person's own models. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { AppError } from '#core/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { tell } from '../output.ts';

export function addModelsOwnCommands(models: Command): void {
  models
    .command('rename')
    .description('show an own model under another title; its id stays')
    .argument('<id>')
    .argument('<title>')
    .addOption(option.libraryOption())
    .action(async (modelId: string, title: string, options: { library?: string }) => {
      await using engine = await openLibrary(options.library);
      await engine.call('models.rename', { modelId, title });
      tell(`${modelId} is now called ${title}`);
    });
  models
    .command('remove')
    .description('delete the folder of an own model; what it labeled stays')
    .argument('<id>')
    .option('--yes', 'do not ask', false)
    .addOption(option.libraryOption())
    .action(async (modelId: string, options: { yes: boolean; library?: string }) => {
      process.exitCode = await remove(modelId, options);
    });
}

async function remove(modelId: string, options: { yes: boolean; library?: string }): Promise<number> {
  await using engine = await openLibrary(options.library);
  const model = (await engine.call('models.list', {})).find(({ id }) => id === modelId);
  if (!model) throw new AppError('model.not-found', `There is no model "${modelId}"`);
  if (!options.yes && !(await confirmed(`Delete ${model.title} (${modelId})`))) {
    tell('Nothing was removed.');
    return exitCodes.usage;
  }
  await engine.call('models.remove', { modelId });
  tell(`Removed ${modelId}`);
  return exitCodes.ok;
}

/** Without a terminal nobody can answer: then it needs `--yes`. */
async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    tell('Add --yes to do this without being asked.');
    return false;
  }
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question}? [y/N] `)).trim());
  } finally {
    reader.close();
  }
}
