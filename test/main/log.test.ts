import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog } from '../../electron/main/log.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'log-')), 'logs', 'main.log');

test('an entry is one line of JSON', () => {
  const path = newPath();
  openLog(path)('It began', { version: '1' });

  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ sentence: 'It began', version: '1' });
});

test('a full file makes room, and the one before it is kept', () => {
  const path = newPath();
  openLog(path)('first');
  writeFileSync(path, 'x'.repeat(1_000_001));
  openLog(path)('second');

  expect(readFileSync(path, 'utf8')).toMatch(/^\{.*"second"\}\n$/);
  expect(readFileSync(path.replace('.log', '.1.log'), 'utf8')).toMatch(/^x+$/);
});

test('a place that cannot be written stops nothing', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'file');
  writeFileSync(file, '');

  expect(() => openLog(join(file, 'main.log'))('lost')).not.toThrow();
  expect(existsSync(join(file, 'main.log'))).toBe(false);
});
