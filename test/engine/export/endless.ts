/** @file Export again and again to one file, each time all of it with the next number, until somebody kills us. */
import { writeExport } from '../../../electron/engine/export/write-file.ts';

const path = process.argv[2]!;
for (let turn = 1; ; turn++) {
  const lines = function* () {
    for (let line = 0; line < 20_000; line++) yield `${turn} some text to fill the line\n`;
  };
  await writeExport(path, lines());
  if (turn === 1) console.log('ready');
}
