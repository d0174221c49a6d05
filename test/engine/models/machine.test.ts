/** @file Measurements kept from one start to the next, and void where they do not hold. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelSpeed, Tuning } from '../../../electron/core/model.ts';
import type { ProviderState } from '../../../electron/core/providers.ts';
import { openMachine } from '../../../electron/engine/models/machine.ts';
import { temporaryFolder } from '../../support/library.ts';

function speed(changes: Partial<ModelSpeed> = {}): ModelSpeed {
  const batches = [{ rows: 1, milliseconds: 20 }];
  return { provider: 'cpu', threads: 1, batches, imagesPerSecond: 50, measuredMs: 1_000, ...changes };
}

const cpuWorks: ProviderState = {
  provider: 'cpu',
  state: 'works',
  reason: null,
  maxDifference: 0,
  imagesPerSecond: 50,
  triedMs: 1_000,
};

test('what was measured is there after the next start', () => {
  const path = join(temporaryFolder(), 'cache', 'machine.json');
  const machine = openMachine(path);
  machine.rememberSpeed('a'.repeat(64), speed());
  machine.rememberSpeed('ResNeXt50_32x4d', speed({ imagesPerSecond: 9 }));
  machine.rememberProviders([cpuWorks]);
  const again = openMachine(path);

  expect(again.speed('a'.repeat(64))).toEqual(speed());
  expect(again.speed('ResNeXt50_32x4d')?.imagesPerSecond).toBe(9);
  expect(again.providers()).toEqual([cpuWorks]);
  expect(existsSync(`${path}.new`)).toBe(false);
});

test('nothing is known of what was never measured, whatever it is called', () => {
  const machine = openMachine(join(temporaryFolder(), 'machine.json'));

  expect(machine.speed('ResNeXt50_32x4d')).toBeNull();
  expect(machine.speed('__proto__')).toBeNull();
  expect(machine.speed('constructor')).toBeNull();
  expect(machine.providers()).toEqual([]);
});

test('each provider has its own speed; without a provider the newest counts', () => {
  const machine = openMachine(join(temporaryFolder(), 'machine.json'));
  machine.rememberSpeed('model', speed({ provider: 'webgpu', measuredMs: 3_000, imagesPerSecond: 80 }));
  machine.rememberSpeed('model', speed({ measuredMs: 2_000 }));

  expect(machine.speed('model')?.provider).toBe('webgpu');
  expect(machine.speed('model', 'cpu')).toEqual(speed({ measuredMs: 2_000 }));
  expect(machine.speed('model', 'cuda')).toBeNull();
});

test('on another processor or runtime nothing of it holds, and the first machine keeps its own', () => {
  const path = join(temporaryFolder(), 'machine.json');
  openMachine(path, 'slow').rememberSpeed('model', speed());
  const other = openMachine(path, 'fast');
  expect(other.speed('model')).toBeNull();
  other.rememberSpeed('model', speed({ imagesPerSecond: 500 }));

  expect(openMachine(path, 'slow').speed('model')?.imagesPerSecond).toBe(50);
  expect(openMachine(path, 'fast').speed('model')?.imagesPerSecond).toBe(500);
});

test('of many machines those used last are kept', () => {
  const path = join(temporaryFolder(), 'machine.json');
  for (let number = 1; number <= 20; number++) openMachine(path, `${number}`).rememberSpeed('model', speed());

  expect(openMachine(path, '1').speed('model')).toBeNull();
  expect(openMachine(path, '20').speed('model')).not.toBeNull();
  expect(Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { machines: object }).machines)).toHaveLength(8);
});

test.each([
  ['no JSON', '{"version": 1, "machines": {'],
  ['another shape', '{"version": 1, "machines": {"here": {"speeds": [], "providers": 3}}}'],
  ['another version', '{"version": 2, "machines": {}}'],
  ['nothing', ''],
])('a file with %s in it is an empty one', (_, text) => {
  const path = join(temporaryFolder(), 'machine.json');
  writeFileSync(path, text);
  const machine = openMachine(path, 'here');
  expect(machine.speed('model')).toBeNull();
  machine.rememberSpeed('model', speed());

  expect(openMachine(path, 'here').speed('model')).toEqual(speed());
});

test('where nothing can be written, a measurement lasts until the end', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'machine.json.new'));
  const machine = openMachine(join(folder, 'machine.json'));
  machine.rememberSpeed('model', speed());

  expect(machine.speed('model')).toEqual(speed());
});

const tuning: Tuning = {
  sessions: 2,
  threads: 1,
  batchSize: 4,
  mergeWidth: 32,
  imagesPerSecond: 80,
  measuredMs: 1_000,
};

test('settings are kept for each file, provider and number of cores', () => {
  const path = join(temporaryFolder(), 'machine.json');
  const machine = openMachine(path);
  expect(machine.tuning('constructor', 'cpu', 2)).toBeNull();
  machine.rememberTuning('model', 'cpu', 2, tuning);
  machine.rememberTuning('model', 'cpu', 1, { ...tuning, sessions: 1 });
  const again = openMachine(path);

  expect(again.tuning('model', 'cpu', 2)).toEqual(tuning);
  expect(again.tuning('model', 'cpu', 1)?.sessions).toBe(1);
  expect(again.tuning('model', 'cuda', 2)).toBeNull();
  expect(again.tuning('other', 'cpu', 2)).toBeNull();
});

test('what integers give is kept', () => {
  const path = join(temporaryFolder(), 'machine.json');
  expect(openMachine(path).integers()).toBeNull();
  openMachine(path).rememberIntegers({ gain: 2.6, exact: true, measuredMs: 1_000 });

  expect(openMachine(path).integers()).toEqual({ gain: 2.6, exact: true, measuredMs: 1_000 });
});

test('a file from before settings were kept still tells speeds', () => {
  const path = join(temporaryFolder(), 'machine.json');
  const record = { speeds: { model: { cpu: speed() } }, providers: [] };
  writeFileSync(path, JSON.stringify({ version: 1, machines: { here: record } }));
  const machine = openMachine(path, 'here');

  expect(machine.speed('model')).toEqual(speed());
  expect(machine.integers()).toBeNull();
  expect(machine.tuning('model', 'cpu', 2)).toBeNull();
});
