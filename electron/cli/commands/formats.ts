/** @file `labelwright formats`: what can be exported and imported. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { printData, printJson, table } from '../output.ts';

export function addFormatsCommand(program: Command): void {
  program
    .command('formats')
    .description('list the formats that labels are exported to and imported from')
    .addOption(option.jsonOption('format'))
    .action(listFormats);
}

async function listFormats({ json }: { json?: boolean }): Promise<void> {
  const [exported, imported] = await readFormats();
  const ids = [...new Set([...exported, ...imported].map(({ id }) => id))];
  const formats = ids.map((id) => {
    const written = exported.find((format) => format.id === id);
    const read = imported.find((format) => format.id === id);
    const { title, target } = (written ?? read)!;
    return { id, title, target, export: written !== undefined, import: read !== undefined };
  });
  if (json) {
    for (const format of formats) await printJson(format);
    return;
  }
  const mark = (is: boolean) => (is ? 'yes' : '-');
  const rows = formats.map(({ id, title, target, ...can }) => [id, title, target, mark(can.export), mark(can.import)]);
  await printData(`${table(['Format', 'Name', 'Is a', 'Export', 'Import'], rows)}\n`);
}

/** No library is needed for it, and the person's own may be in use. */
async function readFormats() {
  const home = await mkdtemp(join(tmpdir(), 'labelwright-formats-'));
  try {
    await using engine = await openLibrary(join(home, 'formats.labelwright'));
    return await Promise.all([engine.call('formats.list', {}), engine.call('labels.formats', {})]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
