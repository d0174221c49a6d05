import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { menuCommands, type MenuCommand } from '#contract/calls.ts';
import { menuTemplate } from '../../electron/main/menu.ts';
import { languageOf, messages, type Language } from '../../electron/main/messages.ts';

function entries(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => (Array.isArray(item.submenu) ? [item, ...entries(item.submenu)] : [item]));
}

test.each(['linux', 'darwin', 'win32'] as const)('on %s every command has an entry', (platform) => {
  const sent: MenuCommand[] = [];
  const template = menuTemplate(messages.en, platform, (command) => sent.push(command));
  for (const { click } of entries(template)) click?.(undefined as never, undefined, undefined as never);

  expect(sent.toSorted()).toEqual(menuCommands.toSorted());
});

test('no two entries share a key', () => {
  const keys = entries(menuTemplate(messages.en, 'linux', () => undefined)).flatMap(({ accelerator }) =>
    accelerator ? [accelerator] : [],
  );

  expect(new Set(keys).size).toBe(keys.length);
});

test('keys that mean something while a person types are shown, not taken', () => {
  const all = entries(menuTemplate(messages.en, 'linux', () => undefined));
  const plain = all.filter(({ accelerator }) => accelerator && !/^CmdOrCtrl\+[^A]/.test(accelerator));

  expect(plain.map(({ accelerator }) => accelerator)).toEqual(['Z', 'Shift+Z', 'CmdOrCtrl+A', '?']);
  expect(plain.every(({ registerAccelerator }) => registerAccelerator === false)).toBe(true);
});

test.each(['en', 'zh-CN'] satisfies Language[])('%s has a word for everything', (language) => {
  expect(Object.values(messages[language]).every((word) => word.trim().length > 0)).toBe(true);
  expect(Object.keys(messages[language])).toEqual(Object.keys(messages.en));
});

test.each([
  ['system', 'zh-CN', 'zh-CN'],
  ['system', 'zh-Hant-TW', 'zh-CN'],
  ['system', 'zhx', 'en'],
  ['system', 'de-DE', 'en'],
  ['en', 'zh-CN', 'en'],
  ['zh-CN', 'en-US', 'zh-CN'],
] as const)('set to %s on a system in %s, the words are %s', (setting, locale, language) => {
  expect(languageOf(setting, locale)).toBe(language);
});
