/**
 * @file Entry files for child processes: of `out/` where that was built from exactly these sources, else the sources.
 *
 * Bundles start twice as fast, so `npm test` gets them; whoever runs single tests amid changes never tests old code.
 */
import { join } from 'node:path';
import { fingerprint, inRoot, readStamp } from '../../build/repository.mjs';
import { buildStampFile, sources } from '../../build/sources.mjs';

const isBuilt = readStamp(buildStampFile) === fingerprint(sources);

/** @param name  of a layer that is a program of its own */
function entryOf(name: 'cli' | 'engine'): string {
  return isBuilt ? inRoot(join('out', name, 'index.mjs')) : inRoot(join('electron', name, 'index.ts'));
}

export const commandLineEntry = entryOf('cli');
export const engineEntry = entryOf('engine');
