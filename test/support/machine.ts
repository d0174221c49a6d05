/**
 * @file What integers give on this machine takes two seconds to find out; each run of the tests finds it out once.
 *
 * What depends on it behaves the same with a measurement made a moment ago; the measurement has tests of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMachine } from '../../electron/engine/models/machine.ts';

const variable = 'LABELWRIGHT_TEST_MACHINE';
const fileIn = (cachePath: string) => join(cachePath, 'machine.json');

/** Vitest calls it once before all tests, and what it returns once after them. */
export default function setup(): () => void {
  const folder = (process.env[variable] ??= mkdtempSync(join(tmpdir(), 'labelwright-machine-')));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** @param cachePath  absolute; of an engine that is about to start */
export function lendMachine(cachePath: string): void {
  const known = process.env[variable];
  const integers = known ? openMachine(fileIn(known)).integers() : null;
  const own = openMachine(fileIn(cachePath));
  if (integers && !own.integers()) own.rememberIntegers(integers);
}

/** @param cachePath  absolute; of an engine that has ended */
export function keepMachine(cachePath: string): void {
  const known = process.env[variable];
  const integers = known ? openMachine(fileIn(cachePath)).integers() : null;
  // Gain 0: it could not be measured, which another one shall try again.
  if (known && integers?.gain) openMachine(fileIn(known)).rememberIntegers(integers);
}
