/** @file Labels out and in again by keyboard in the real app: exported, edited elsewhere, planned, taken over, undone, kept in step. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import Papa from 'papaparse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  chooseFolders,
  chooseSaveFile,
  labeled,
  launchApp,
  photoFolder,
  temporaryFolder,
} from '../support/electron.ts';
import type { LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';

const count = 8;
const invented = 'seen from above, "far"';
const files = temporaryFolder('labels');
const csv = join(files, 'labels.csv');
const edited = join(files, 'edited.csv');
const coco = join(files, 'labels.coco.json');
const kept = join(files, 'kept.csv');
const slow = { timeout: 20_000, interval: 100 };

let app: LaunchedApp;
let datasetId: number;
let photos: string;

beforeAll(async () => {
  photos = await photoFolder(count);
  app = await launchApp({ folders: [photos] });
  await setWindowSize(app);
  await labeled(app, count);
  datasetId = (await app.call('datasets.list', {}))[0]!.id;
  await app.page.locator('[data-testid="grid-cell"][data-label]').first().waitFor();
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, type, focused, tabTo } = keysOf(() => app);
const cell = (index: number) => app.page.locator(`[data-testid="grid-cell"][data-index="${index}"]`);

/** By the letters a list knows its lines by. */
async function select(testId: string, value: string): Promise<void> {
  await tabTo(testId);
  await press('Home');
  const list = app.get(testId);
  for (let step = 0; step < 40 && (await list.inputValue()) !== value; step++) await press('ArrowDown');
  expect(await list.inputValue()).toBe(value);
}

/** Name, label and review state of every picture as the library has them. */
async function stored() {
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  const rows = await app.call('view.rows', { viewId, from: 0, count });
  return rows.map(({ name, label, review }) => ({ name, label, review }));
}

async function saveAs(format: string, file: string): Promise<void> {
  await chooseSaveFile(app, file);
  await press('Control+E');
  await app.get('export-format').waitFor();
  await app.get('nav-export').focus();
  await select('export-format', format);
  await tabTo('export-save');
  await press('Enter');
  await app.get('export-done').waitFor();
}

/** The sheet, up to the plan or the problem of this file. */
async function openFile(path: string): Promise<void> {
  await chooseFolders(app, [path]);
  await press('Control+Shift+E');
  await app.get('import-labels-sheet').waitFor();
  await expect.poll(focused).toBe('labels-file');
  await press('Enter');
}

const planned = () => expect.poll(() => app.get('import-labels-step').getAttribute('data-ready'), slow).toBe('true');
const fact = (name: 'fresh' | 'conflicts') => app.get('labels-facts').getAttribute(`data-${name}`);

async function leaveSheet(): Promise<void> {
  await press('Escape');
  await app.get('import-labels-sheet').waitFor({ state: 'detached' });
}

test('what is decided goes out as CSV and as COCO', async () => {
  await app.get('grid').focus();
  await press('Home', 'a', 'a', 'a');
  await expect.poll(async () => (await stored()).filter(({ review }) => review === 'accepted').length).toBe(3);
  await saveAs('csv', csv);
  await saveAs('coco', coco);

  const lines = parse<Record<string, string>>(readFileSync(csv), { columns: true, bom: true });
  expect(lines).toHaveLength(count);
  const { images } = JSON.parse(readFileSync(coco, 'utf8')) as { images: object[] };
  expect(images).toHaveLength(count);
});

test('two labels changed in the CSV come back through the sheet, and Ctrl+Z takes them back', async () => {
  const before = await stored();
  const lines = parse<Record<string, string>>(readFileSync(csv), { columns: true, bom: true });
  // One of a decided picture, one of a predicted one.
  for (const index of [0, 5]) lines[index]!['label'] = invented;
  writeFileSync(edited, Papa.unparse(lines));

  await openFile(edited);
  await planned();
  expect(await app.get('labels-format').inputValue()).toBe('csv');
  expect([await fact('fresh'), await fact('conflicts')]).toEqual(['1', '1']);
  expect(await app.get('labels-new-categories').textContent()).toContain(invented);
  expect(await app.get('labels-examples').textContent()).toContain(invented);
  // Nothing changes before it is said so.
  expect(await stored()).toEqual(before);

  await tabTo('labels-conflicts-keep');
  await press('ArrowDown');
  await expect.poll(() => app.get('labels-conflicts-replace').isChecked()).toBe(true);
  await tabTo('labels-import');
  await press('Enter');
  await app.get('import-labels-sheet').waitFor({ state: 'detached' });
  for (const index of [0, 5]) await expect.poll(() => cell(index).getAttribute('data-label')).toBe(invented);
  await app.get('toast').filter({ hasText: '2' }).waitFor();
  const after = await stored();
  expect(after.filter(({ label }) => label === invented).map(({ name }) => name)).toEqual(
    [before[0]!, before[5]!].map(({ name }) => name),
  );

  await expect.poll(focused).toBe('grid');
  await press('Control+z');
  await expect.poll(stored).toEqual(before);
  await expect.poll(() => cell(0).getAttribute('data-label')).toBe(before[0]!.label);
});

test('other columns are another plan, one that cannot be read says why, and Escape changes nothing', async () => {
  const before = await stored();
  await openFile(edited);
  await planned();
  await select('labels-column-label', '0');
  await planned();
  await expect.poll(() => app.get('labels-new-categories').textContent()).not.toContain(invented);
  await select('labels-format', 'coco');
  await app.get('labels-problem').waitFor();
  expect(await app.get('labels-import').isDisabled()).toBe(true);
  await tabTo('labels-format', 'Shift+Tab');
  await select('labels-format', 'csv');
  await planned();
  expect(await app.get('labels-new-categories').textContent()).toContain(invented);
  await leaveSheet();
  expect(await stored()).toEqual(before);
});

test('COCO comes back as it went out; predictions only when asked for', async () => {
  await openFile(coco);
  await planned();
  expect(await app.get('labels-format').inputValue()).toBe('coco');
  expect(await fact('conflicts')).toBe('0');
  expect(await app.get('labels-import').isDisabled()).toBe(true);
  await leaveSheet();
});

test('a file without labels is refused with its sentence, and another one can be chosen', async () => {
  const wrong = join(files, 'wrong.json');
  writeFileSync(wrong, '{"images": [');
  await openFile(wrong);
  await app.get('labels-problem').waitFor();
  expect((await app.get('labels-problem').textContent())!.length).toBeGreaterThan(20);
  await chooseFolders(app, [csv]);
  await app.get('labels-file').focus();
  await press('Enter');
  await planned();
  await leaveSheet();
});

test('choices are saved under a name and come back', async () => {
  await press('Control+E');
  await app.get('nav-export').focus();
  await select('export-format', 'csv');
  await select('export-review', 'decided');
  await tabTo('preset-save');
  await press('Enter');
  await expect.poll(focused).toBe('preset-name');
  await type('Reviewed only');
  await press('Enter');
  await app.get('preset-use').waitFor();
  await expect.poll(focused).toBe('preset-save');

  await tabTo('export-review', 'Shift+Tab');
  await press('Home');
  expect(await app.get('export-review').inputValue()).toBe('all');
  await tabTo('preset-use');
  await press('Enter');
  await expect.poll(() => app.get('export-review').inputValue()).toBe('decided');
});

test('a file kept in step follows a decision after some quiet seconds', async () => {
  await chooseSaveFile(app, kept);
  await tabTo('keep-file');
  await press('Enter');
  await expect.poll(() => app.get('kept-file').getAttribute('data-written'), slow).toMatch(/\d/);
  const first = parse<Record<string, string>>(readFileSync(kept), { columns: true, bom: true });
  expect(first).toHaveLength(3);
  const { mtimeMs } = statSync(kept);

  await app.get('nav-review').focus();
  await press('Enter');
  await app.get('grid').focus();
  await press('End', 'a');
  await expect.poll(() => statSync(kept).mtimeMs, slow).toBeGreaterThan(mtimeMs);
  expect(parse(readFileSync(kept), { columns: true, bom: true })).toHaveLength(4);
});

test('keywords go beside the photos, inside them only after a yes, and are taken back', async () => {
  await press('Control+E');
  await app.get('nav-export').focus();
  await select('export-format', 'xmp');
  await select('keywords-where', 'inside');
  expect(await app.get('export-save').isDisabled()).toBe(true);
  await tabTo('keywords-confirm');
  await press('Space');
  expect(await app.get('export-save').isDisabled()).toBe(false);
  expect(await barriers(app)).toEqual([]);
  await app.get('export-format').focus();
  await select('keywords-where', 'sidecar');
  await tabTo('export-save');
  await press('Enter');
  await app.get('export-done').waitFor();
  expect(readdirSync(photos).filter((name) => name.endsWith('.jpg.xmp'))).toHaveLength(count);
  await tabTo('keywords-restore');
  await press('Enter');
  await app.get('keywords-restore').waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('export-save');
  expect(readdirSync(photos).filter((name) => name.endsWith('.xmp'))).toEqual([]);
  await app.get('nav-export').focus();
  await select('export-format', 'csv');
});

const screens: Record<string, { open: () => Promise<void>; shows: string }> = {
  'export-profiles': {
    async open() {
      await press('Control+E');
      await app.get('keep-file').focus();
    },
    shows: 'kept-file',
  },
  'labels-import': { open: () => openFile(edited), shows: 'labels-facts' },
};

test.for(Object.entries(screens))('%s has no barrier and fits, light and dark', async ([name, { open, shows }]) => {
  for (const look of [looks[0]!, looks.at(-1)!]) {
    await wear(app, look);
    await open();
    await app.get(shows).first().waitFor();
    await photograph(app, name, look);
    expect(await barriers(app)).toEqual([]);
    expect(await misfits(app)).toEqual([]);
    await press('Escape');
  }
});

test('the page met no error and no blocked source', () => {
  expect(app.problems).toEqual([]);
});
