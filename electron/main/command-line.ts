/** @file What the app is told when it is started. */
import { resolve } from 'node:path';

/** The folders after `--folders`, absolute. Chromium's own switches may stand anywhere. */
export function foldersOf(argv: readonly string[], workingFolder: string): string[] {
  const flag = argv.indexOf('--folders');
  if (flag < 0) return [];
  return argv
    .slice(flag + 1)
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((folder) => resolve(workingFolder, folder));
}
