#!/usr/bin/env node
/** @file The command line: the same engine as the desktop app, with text around it. */
import './node-20.ts';
import { Command, CommanderError } from 'commander';
import { AppError } from '#core/errors.ts';
import packageFile from '../../package.json' with { type: 'json' };
import { addDatasetsCommand } from './commands/datasets.ts';
import { addExportCommand } from './commands/export.ts';
import { addFormatsCommand } from './commands/formats.ts';
import { addImportCommand } from './commands/import.ts';
import { addLabelCommand } from './commands/label.ts';
import { addLearnCommand } from './commands/learn.ts';
import { addModelsCommand } from './commands/models.ts';
import { addWatchCommand } from './commands/watch.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { describe } from './messages.ts';
import { tell } from './output.ts';

const program = new Command('labelwright')
  .description('Label folders of photos on this machine with ResNeXt; nothing leaves it.')
  .version(packageFile.version)
  .showHelpAfterError('Try --help.')
  .exitOverride();

/** A new command is a file in `commands/` and a line here. */
const commands = [
  addLabelCommand,
  addWatchCommand,
  addExportCommand,
  addImportCommand,
  addFormatsCommand,
  addModelsCommand,
  addLearnCommand,
  addDatasetsCommand,
];
for (const add of commands) add(program);

// `labelwright … | head` closes the pipe early: the reader has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else {
    const error = AppError.from(thrown);
    tell(`labelwright: ${describe(error)}`);
    process.exitCode = exitCodeOf(error.code);
  }
}
