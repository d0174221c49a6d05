import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultSettings } from '#core/settings.ts';
import { SettingsFile } from '../../electron/main/settings.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');

test('without a file, the defaults hold and nothing is written', () => {
  const path = newPath();

  expect(new SettingsFile(path).current).toEqual(defaultSettings);
  expect(existsSync(path)).toBe(false);
});

test('a change is there after a restart', () => {
  const path = newPath();
  new SettingsFile(path).change({ theme: 'dark', modelId: 'own' });

  expect(new SettingsFile(path).current).toEqual({ ...defaultSettings, theme: 'dark', modelId: 'own' });
});

test('entries of the layout are merged one by one', () => {
  const settings = new SettingsFile(newPath());
  settings.change({ layout: { sidebar: 240, open: true } });

  expect(settings.change({ layout: { sidebar: 300 } }).layout).toEqual({ sidebar: 300, open: true });
});

test('an undefined entry of a patch changes nothing', () => {
  const settings = new SettingsFile(newPath());
  settings.change({ theme: 'dark' });

  expect(settings.change({ theme: undefined, language: 'en' }).theme).toBe('dark');
});

test('a damaged file is put aside and the defaults hold', () => {
  const path = newPath();
  writeFileSync(path, '{"theme":"da');

  expect(new SettingsFile(path).current).toEqual(defaultSettings);
  const aside = readdirSync(join(path, '..')).find((name) => name.startsWith('settings.json.damaged-'));
  expect(readFileSync(join(path, '..', aside!), 'utf8')).toBe('{"theme":"da');
});

test.each(['null', '7', '[]', '""'])('a file that holds %s is put aside', (text) => {
  const path = newPath();
  writeFileSync(path, text);

  expect(new SettingsFile(path).current).toEqual(defaultSettings);
  expect(existsSync(path)).toBe(false);
});

test('one senseless entry costs only itself', () => {
  const path = newPath();
  writeFileSync(path, JSON.stringify({ theme: 'pink', language: 'zh-CN', threads: -1, future: 1 }));

  expect(new SettingsFile(path).current).toEqual({ ...defaultSettings, language: 'zh-CN' });
});

test('a layout with the name of the prototype pollutes nothing', () => {
  const path = newPath();
  writeFileSync(path, '{"layout":{"__proto__":"x","constructor":"y"},"__proto__":{"theme":"dark"}}');
  const { current } = new SettingsFile(path);

  expect(Object.getPrototypeOf(current.layout)).toBe(Object.prototype);
  expect(current.theme).toBe('system');
});

test('no half-written file stays beside it', () => {
  const path = newPath();
  new SettingsFile(path).change({ theme: 'light' });

  expect(readdirSync(join(path, '..'))).toEqual(['settings.json']);
});
