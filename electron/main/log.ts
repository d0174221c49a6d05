/** @file The app's log file: one line of JSON per entry, the last two files kept. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A fixed sentence, and fields without paths or names of pictures: people send logs to strangers. */
export type Log = (sentence: string, fields?: Record<string, unknown>) => void;

const maxFileBytes = 1_000_000;
const maxLineChars = 2_000;

/** Open the log at `path`; a log that cannot be written is no reason to stop. */
export function openLog(path: string): Log {
  let sizeBytes = 0;
  try {
    mkdirSync(dirname(path), { recursive: true });
    sizeBytes = statSync(path).size;
  } catch {
    // A new file, or a disk that the first write will complain about.
  }

  return (sentence, fields = {}) => {
    const line = JSON.stringify({ at: new Date().toISOString(), sentence, ...fields }).slice(0, maxLineChars) + '\n';
    try {
      if (sizeBytes > maxFileBytes) {
        renameSync(path, path.replace(/(\.log)?$/, '.1.log'));
        sizeBytes = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      sizeBytes += Buffer.byteLength(line);
    } catch {
      // See above.
    }
  };
}
