/** @file Export a folder that never comes to its end, until the disk is full or somebody kills us; then say what happened. */
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { FolderEntry } from '../../../electron/engine/export/exporter.ts';
import { writeFolder } from '../../../electron/engine/export/write-folder.ts';
import { row } from './source.ts';

const [path, source] = process.argv.slice(2) as [string, string];

function* entries(): Generator<FolderEntry> {
  for (let turn = 1; ; turn++) {
    if (turn === 3) console.log('under way');
    yield { path: `dog/${turn}.jpg`, picture: row({ source, fileName: 'a.jpg' }) };
    yield { path: `lists/${turn}.txt`, text: ['x'.repeat(1000)] };
  }
}

try {
  await writeFolder(join(path, 'export'), entries(), { pictures: 'copy', leaveOut: () => {} });
} catch (cause) {
  console.log(cause instanceof AppError ? cause.code : String(cause));
}
