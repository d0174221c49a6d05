/** @file `labelwright learn`: what is learned from decisions. */
import type { Command } from 'commander';
import { addLearnEvalCommand } from './learn-eval.ts';
import { addLearnExportCommand } from './learn-export.ts';

export function addLearnCommand(program: Command): void {
  const learn = program.command('learn').description('what is learned from your decisions');
  for (const add of [addLearnExportCommand, addLearnEvalCommand]) add(learn);
}
