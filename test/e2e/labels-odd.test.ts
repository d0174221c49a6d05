/**
 * @file Labels in the real app where things go on for long, are stopped, cannot be written, or want more than one
 * category a picture; by keyboard.
 */
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
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
import { askExifTool } from '../support/keywords.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';

/** More than are written in one go, so that there is something to stop. */
const count = 128;
const files = temporaryFolder('labels-odd');
const slow = { timeout: 20_000, interval: 100 };

let app: LaunchedApp;
let datasetId: number;
let photos: string;
let names: string[];

beforeAll(async () => {
  photos = await photoFolder(count);
  names = readdirSync(photos).toSorted();
  app = await launchApp({ folders: [photos] });
  await setWindowSize(app);
  await labeled(app, count);
  datasetId = (await app.call('datasets.list', {}))[0]!.id;
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, focused, tabTo } = keysOf(() => app);

/** By the letters a list knows its lines by. */
async function select(testId: string, value: string): Promise<void> {
  await tabTo(testId);
  await press('Home');
  const list = app.get(testId);
  for (let step = 0; step < 40 && (await list.inputValue()) !== value; step++) await press('ArrowDown');
  expect(await list.inputValue()).toBe(value);
}

/** Every decision there is, by name. */
async function stored(): Promise<Record<string, string[]>> {
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  const rows = await app.call('view.rows', { viewId, from: 0, count });
  const decided = rows.filter(({ review }) => review === 'accepted' || review === 'corrected');
  const details = await Promise.all(decided.map(({ id: imageId }) => app.call('image.get', { imageId })));
  return Object.fromEntries(
    decided.map(({ name }, index) => [name, details[index]!.annotations.map(({ category }) => category)]),
  );
}

/** A table of labels. @param label  the name of their column */
function table(name: string, lines: Iterable<string>, label = 'label'): string {
  const path = join(files, name);
  writeFileSync(path, [`file,${label}`, ...lines, ''].join('\n'));
  return path;
}

async function openSheet(path: string, button: 'labels-file' | 'labels-folder' = 'labels-file'): Promise<void> {
  await chooseFolders(app, [path]);
  await press('Control+Shift+E');
  await app.get('import-labels-sheet').waitFor();
  await expect.poll(focused).toBe('labels-file');
  await tabTo(button);
  await press('Enter');
}

const planned = () => expect.poll(() => app.get('import-labels-step').getAttribute('data-ready'), slow).toBe('true');
const closed = () => app.get('import-labels-sheet').waitFor({ state: 'detached' });

async function importIt(): Promise<void> {
  await tabTo('labels-import');
  await press('Enter');
  await closed();
}

/** As it is, and once more in another look: without barriers, and photographed. */
async function inspect(name: string): Promise<void> {
  expect(await barriers(app)).toEqual([]);
  const look = looks[++inspected % looks.length]!;
  await wear(app, look);
  await photograph(app, name, look);
  expect(await barriers(app)).toEqual([]);
  expect(await misfits(app)).toEqual([]);
  await wear(app, looks[0]!);
}
let inspected = 0;

const inside = () => app.page.evaluate(() => document.querySelector('dialog')?.contains(document.activeElement));

test('a large table shows how far it is and how long it takes; stopped, nothing changed', async () => {
  const large = table(
    'large.csv',
    Array.from({ length: 900_000 }, (_, line) => `elsewhere/${line % 9}/${line}.jpg,cat`),
  );
  await openSheet(large);
  const told = () => app.get('labels-progress').textContent();
  await expect.poll(told, slow).toMatch(/[\d,]+ entries read · [\d,.]+ per second · .+ left/);
  const bar = app.get('import-labels-sheet').getByRole('progressbar');
  expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
  await tabTo('labels-cancel');
  expect(await app.get('labels-cancel').textContent()).toContain('Stop');
  expect(await barriers(app)).toEqual([]);
  await press('Enter');
  await closed();
  expect(await stored()).toEqual({});
  rmSync(large);
});

test('one label for each comes in at once afterwards', async () => {
  await openSheet(
    table(
      'one.csv',
      names.map((name, index) => `${name},${index % 2 ? 'cat' : 'dog'}`),
    ),
  );
  await planned();
  await importIt();
  await expect.poll(async () => Object.keys(await stored()).length, slow).toBe(count);
});

const [first = '', second = '', third = ''] = Array.from({ length: 3 }, (_, index) => `photo-0${index + 1}.jpg`);

test('several labels a picture are asked about; who leaves then keeps one each', async () => {
  const several = table(
    'several.csv',
    [`${first},dog;brown`, `${second},cat;grey`, `${third},dog;small`, `nowhere.jpg,cat`],
    'labels',
  );
  await openSheet(several);
  await app.get('labels-several').waitFor();
  await inspect('labels-several');
  await tabTo('labels-several');
  await press('Enter');
  await app.get('labels-several').waitFor({ state: 'detached' });
  await planned();
  // The button is gone, and the keyboard is not.
  expect(await inside()).toBe(true);
  await press('Escape');
  await closed();
  await expect.poll(async () => (await app.call('datasets.list', {}))[0]!.multiLabel).toBe(false);
});

test('let have several, the labels of the file come to those there were, and one undo takes them away', async () => {
  const before = await stored();
  await openSheet(join(files, 'several.csv'));
  await tabTo('labels-several');
  await press('Enter');
  await planned();
  await app.get('labels-conflicts-keep').waitFor();
  await tabTo('labels-conflicts-keep');
  for (let step = 0; step < 3 && !(await app.get('labels-conflicts-add').isChecked()); step++) await press('ArrowDown');
  await inspect('labels-conflicts');
  await importIt();
  await expect.poll(async () => (await stored())[first]).toEqual(['dog', 'brown']);
  expect((await stored())[second]).toEqual(['cat', 'grey']);
  expect((await stored())[names[3]!]).toEqual(before[names[3]!]);
  await expect.poll(focused).toBe('grid');
  await press('Control+z');
  await expect.poll(stored).toEqual(before);
  await press('Control+Shift+z');
  await expect.poll(async () => (await stored())[third]).toEqual(['dog', 'small']);
});

test('a folder chosen in its dialog says by its folders what pictures are', async () => {
  const folder = join(files, 'by-class');
  for (const [name, category] of [
    [names[4]!, 'seal'],
    [names[5]!, 'whale, blue'],
  ] as const) {
    mkdirSync(join(folder, category), { recursive: true });
    copyFileSync(join(photos, name), join(folder, category, name));
  }
  await openSheet(folder, 'labels-folder');
  await planned();
  expect(await app.get('labels-format').inputValue()).toBe('class-folders');
  await tabTo('labels-conflicts-keep');
  await press('ArrowDown');
  await importIt();
  await expect.poll(async () => (await stored())[names[5]!]).toEqual(['whale, blue']);
  expect((await stored())[names[4]!]).toEqual(['seal']);
});

const sums = () => names.map((name) => hash('sha256', readFileSync(join(photos, name))));

/** The form of keywords, to be written inside photos, agreed to. */
async function keywordsInside(): Promise<void> {
  await press('Control+E');
  await app.get('export-format').waitFor();
  await app.get('nav-export').focus();
  await select('export-format', 'xmp');
  await select('keywords-where', 'inside');
  await tabTo('keywords-confirm');
  await press('Space');
  await tabTo('export-save');
}

test('writing inside photos can be stopped; what was written is taken back to the byte', async () => {
  const before = sums();
  await keywordsInside();
  await press('Enter');
  await expect.poll(focused).toBe('keywords-stop');
  await expect.poll(() => app.get('export-progress').textContent(), { ...slow, interval: 20 }).toMatch(/[1-9]/);
  await press('Enter');
  await app.get('export-done').waitFor();
  const changed = sums().filter((sum, index) => sum !== before[index]).length;
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThan(count);
  expect(await app.get('keywords-restore').textContent()).toContain(String(changed));
  expect(askExifTool('-s3', '-XMP-dc:Subject', join(photos, first))).toMatch(/brown/);
  await inspect('keywords-inside');

  // Photos are written into again only after another yes.
  await expect.poll(focused).toBe('keywords-restore');
  await press('Enter');
  await app.get('keywords-restore').waitFor({ state: 'detached', timeout: 20_000 });
  expect(sums()).toEqual(before);
  expect(readdirSync(photos).toSorted()).toEqual(names);
});

test('files that cannot be kept in step say why once, and go on when they can', async () => {
  const drive = join(files, 'drive');
  const kept = {
    gone: join(files, 'gone', 'gone.csv'),
    taken: join(files, 'taken.csv'),
    full: join(drive, 'full.csv'),
  };
  mkdirSync(join(files, 'gone'));
  const unmount = smallDisk(drive);
  try {
    await press('Control+E');
    await app.get('nav-export').focus();
    await select('export-format', 'csv');
    for (const path of Object.values(kept)) {
      await chooseSaveFile(app, path);
      await tabTo('keep-file');
      await press('Enter');
      await app
        .get('kept-file')
        .filter({ hasText: basename(path) })
        .waitFor();
    }
    const file = (name: keyof typeof kept) => app.get('kept-file').filter({ hasText: `${name}.csv` });
    const problem = (name: keyof typeof kept) => file(name).getAttribute('data-problem');
    for (const path of Object.values(kept)) await expect.poll(() => existsSync(path), slow).toBe(true);

    rmSync(join(files, 'gone'), { recursive: true });
    renameSync(kept.taken, join(files, 'aside.csv'));
    mkdirSync(kept.taken);
    writeFileSync(join(drive, 'ballast'), '');
    const old = readFileSync(kept.full);
    fill(join(drive, 'ballast'));
    await decide();
    await expect.poll(() => problem('gone'), slow).toBe('export.failed');
    await expect.poll(() => problem('taken'), slow).toBe('export.failed');
    if (unmount) {
      await expect.poll(() => problem('full'), slow).toBe('disk.full');
      expect(await file('full').textContent()).toContain('The disk is full.');
      expect(readFileSync(kept.full)).toEqual(old);
    }
    expect(await file('gone').textContent()).toContain('Its folder is gone.');
    expect(await file('taken').textContent()).toContain('A folder has its name.');
    const toast = app.get('toast').filter({ hasText: 'is not kept in step' });
    await toast.first().waitFor();
    while ((await toast.count()) > 0) await toast.first().getByRole('button').click();
    await inspect('export-kept-problems');

    mkdirSync(join(files, 'gone'));
    rmSync(kept.taken, { recursive: true });
    rmSync(join(drive, 'ballast'));
    await decide();
    for (const name of ['gone', 'taken', 'full'] as const) await expect.poll(() => problem(name), slow).toBe(null);
    for (const path of Object.values(kept)) {
      await expect.poll(() => readFileSync(path, 'utf8'), slow).toContain(`decided ${decisions}`);
    }
  } finally {
    unmount?.();
  }
});

let decisions = 0;

async function decide(): Promise<void> {
  const label = `decided ${++decisions}`;
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  const [row] = await app.call('view.rows', { viewId, from: 6, count: 1 });
  await app.call('review.decide', {
    datasetId,
    target: { imageIds: [row!.id] },
    action: { kind: 'label-name', name: label },
  });
}

/** A disk of its own where the system lets us; else only a folder. @returns how to take it away */
function smallDisk(folder: string): (() => void) | null {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    return () => void execFileSync('umount', ['--lazy', folder]);
  } catch {
    return null;
  }
}

/** With as much as goes, at most a megabyte. */
function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(1 << 20));
  } catch (thrown) {
    expect((thrown as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

test('the page met no error and no blocked source', () => {
  expect(app.problems).toEqual([]);
});
