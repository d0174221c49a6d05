import { expect, test } from 'vitest';
import { exporters } from '../../../electron/engine/export/index.ts';
import { importers } from '../../../electron/engine/import/index.ts';
import { en } from '../../../renderer/messages/en.ts';
import { formatTitle } from '../../../renderer/messages/format-title.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';

test('every format of exports and imports has a title of its own in both languages', () => {
  for (const { id, title } of [...exporters, ...importers]) {
    expect(en.formats[id], id).toMatch(/\S/);
    expect(zhCn.formats[id], id).toMatch(/\S/);
    expect(formatTitle(zhCn, { id, title }), id).not.toBe(title);
  }
  for (const { formats } of [en, zhCn]) {
    expect(new Set(Object.values(formats)).size).toBe(Object.keys(formats).length);
  }
});

test('a format without a title here keeps the one of the engine', () => {
  expect(formatTitle(zhCn, { id: 'constructor', title: 'Another' })).toBe('Another');
});
