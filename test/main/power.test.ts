import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isGentle, Power, type PowerSource } from '../../electron/main/power.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A plug that the test pulls and puts back, in place of Electron's. */
function plug(onBattery: boolean) {
  const listeners = { 'on-battery': () => {}, 'on-ac': () => {} };
  const source: PowerSource = {
    isOnBatteryPower: () => onBattery,
    on: (event, listener) => (listeners[event] = listener),
  };
  return { source, pull: () => listeners['on-battery'](), putBack: () => listeners['on-ac']() };
}

/** As Linux lists them. */
function supplies(files: Record<string, Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'supplies-'));
  folders.push(folder);
  for (const [name, facts] of Object.entries(files)) {
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(facts)) writeFileSync(join(folder, name, file), `${text}\n`);
  }
  return folder;
}

const battery = { type: 'Battery', status: 'Discharging' };

/** What the first look at the folder says. */
async function seenIn(suppliesFolder: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using power = new Power({ source: plug(false).source, suppliesFolder, onChange: resolve, pollMs: 10_000 });
  await Promise.race([promise, new Promise((later) => setTimeout(later, 150))]);
  return power.onBattery;
}

test('the engine is gentle as the person chose, and on battery only when asked for', () => {
  expect(isGentle('never', true)).toBe(false);
  expect(isGentle('on-battery', false)).toBe(false);
  expect(isGentle('on-battery', true)).toBe(true);
  expect(isGentle('always', false)).toBe(true);
});

test('a computer that starts on its battery is known to be', () => {
  using power = new Power({ source: plug(true).source, suppliesFolder: null, onChange: () => {} });
  expect(power.onBattery).toBe(true);
});

test('each pull of the plug is told once', () => {
  const { source, pull, putBack } = plug(false);
  const told: boolean[] = [];
  using power = new Power({ source, suppliesFolder: null, onChange: () => told.push(power.onBattery) });

  for (const happening of [putBack, pull, pull, putBack]) happening();

  expect(told).toEqual([true, false]);
});

test('on Linux a battery that discharges with no plug in feeds the computer', async () => {
  expect(await seenIn(supplies({ AC: { type: 'Mains', online: '0' }, BAT0: battery }))).toBe(true);
  expect(await seenIn(supplies({ AC: { type: 'Mains', online: '1' }, BAT0: battery }))).toBe(false);
  expect(await seenIn(supplies({ BAT0: { ...battery, status: 'Charging' } }))).toBe(false);
});

test('the battery of a mouse is not the computer’s, and a machine without any runs on mains', async () => {
  expect(await seenIn(supplies({ mouse: { ...battery, scope: 'Device' } }))).toBe(false);
  expect(await seenIn(join(tmpdir(), 'no-such-folder-of-supplies'))).toBe(false);
});

test('on Linux the plug is looked at again and again', async () => {
  const suppliesFolder = supplies({ AC: { type: 'Mains', online: '1' }, BAT0: battery });
  const { promise, resolve } = Promise.withResolvers<void>();
  using power = new Power({ source: plug(false).source, suppliesFolder, onChange: resolve, pollMs: 20 });
  expect(power.onBattery).toBe(false);

  writeFileSync(join(suppliesFolder, 'AC', 'online'), '0\n');
  await promise;

  expect(power.onBattery).toBe(true);
});
