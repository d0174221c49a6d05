/** @file Learning in the real app by keyboard: categories invented, learned, decided in blocks, explained, counted, exported. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SortKey } from '#core/image-filter.ts';
import { chooseSaveFile, labeled, launchApp, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';
import { nameOf, samplePhotos } from '../support/pictures.ts';

/** Of each sample; the first two are nearly the same. */
const copies = 8;
const count = samplePhotos.length * copies;
const invented = ['whiskered one', 'morning ritual', 'night above'];
const slow = { timeout: 30_000, interval: 50 };

let app: LaunchedApp;
let datasetId: number;
const files = temporaryFolder('learned');

/** Parts of a sample, dark and light, mirrored or not; named so that a sample's stand together. */
async function writeCopies(folder: string): Promise<void> {
  for (const photo of samplePhotos) {
    const bytes = readFileSync(photo);
    const { width = 0, height = 0 } = await sharp(bytes).metadata();
    for (let copy = 0; copy < copies; copy++) {
      const cut = Math.max(0, copy - 1) * 0.035;
      const [left, top] = [Math.round(width * cut), Math.round((height * cut) / 2)];
      let picture = sharp(bytes).extract({ left, top, width: width - 2 * left, height: height - 2 * top });
      if (copy > 1 && copy % 2 === 0) picture = picture.flop();
      picture = picture.modulate({ brightness: copy < 2 ? 1 : 0.85 + 0.05 * copy }).resize({ width: 400 });
      const jpeg = picture.jpeg({ quality: copy === 1 ? 70 : 90 });
      writeFileSync(join(folder, `${nameOf(photo)}-${copy}.jpg`), await jpeg.toBuffer());
    }
  }
}

beforeAll(async () => {
  const folder = temporaryFolder('copies');
  await writeCopies(folder);
  app = await launchApp({ folders: [folder] });
  await setWindowSize(app);
  await labeled(app, count);
  datasetId = (await app.call('datasets.list', {}))[0]!.id;
  await app.page.locator('[data-testid="grid-cell"][data-label]').first().waitFor();
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, type, focused, tabTo } = keysOf(() => app);
const state = () => app.call('learn.state', { datasetId });
const byReview = async () => (await app.call('datasets.list', {}))[0]!.byReview;
/** What every picture counts as, by name. */
async function shownLabels(): Promise<(string | null)[]> {
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  return (await app.call('view.rows', { viewId, from: 0, count })).map(({ label }) => label);
}

/** From the list of places at the left, which every screen has. */
async function go(screen: string): Promise<void> {
  await app.get(`nav-${screen}`).focus();
  await press('Enter');
  await expect.poll(() => app.get(`nav-${screen}`).getAttribute('aria-current')).toBe('page');
}

async function toGrid(index: number): Promise<void> {
  await go('review');
  await app.get('grid').focus();
  await press('Home', ...Array.from({ length: index }, () => 'ArrowRight'));
}

test('three invented categories with five pictures each change what others are predicted to be', async () => {
  const before = await shownLabels();
  expect((await state()).head).toBeNull();
  for (const [kind, name] of invented.entries()) {
    await toGrid(kind * copies);
    for (let picture = 0; picture < 5; picture++) {
      await press('/');
      await type(name);
      await press('Enter');
    }
  }
  // The last ones may be predicted to be what they are called by then: those count as accepted.
  await expect.poll(async () => (await byReview()).unreviewed).toBe(count - 15);
  await expect.poll(async () => (await state()).head?.exampleCount, slow).toBe(15);
  await expect.poll(async () => (await state()).working, slow).toBeNull();

  const after = await shownLabels();
  for (const [kind, name] of invented.entries()) {
    const others = after.slice(kind * copies + 5, (kind + 1) * copies);
    // One that is cut too small to be like the decided ones keeps the model's.
    expect(others.filter((label) => label === name).length).toBeGreaterThanOrEqual(2);
  }
  expect(before.filter((label) => invented.includes(label ?? ''))).toEqual([]);
  // What was learned says nothing about pictures unlike all that.
  const rest = after.slice(invented.length * copies);
  expect(rest.filter((label) => invented.includes(label ?? '')).length).toBeLessThan(rest.length / 4);
  await toGrid(0);
  await expect
    .poll(() => app.page.locator(`[data-testid="grid-cell"][data-index="6"]`).getAttribute('data-label'))
    .toBe(invented[0]);
});

test('every order is one key and Enter away, and shows all pictures', async () => {
  for (const key of ['uncertainty', 'diverse', 'wrong', 'novel', 'random', 'entropy', 'name'] satisfies SortKey[]) {
    await app.get('grid').focus();
    await press('s');
    await app.get('order-menu').waitFor();
    await press('Home');
    for (let step = 0; step < 12 && (await focused()) !== `sort-${key}`; step++) await press('ArrowDown');
    expect(await focused()).toBe(`sort-${key}`);
    await press('Enter');
    await expect.poll(() => app.get('sort').getAttribute('data-sort')).toBe(key);
    await expect
      .poll(async () => Number.parseInt((await app.get('total-count').textContent())!, 10))
      .toBeGreaterThan(0);
    await expect.poll(focused).toBe('grid');
  }
});

test('a picture shows where the evidence lies, what it is like, and its likes come first', async () => {
  await toGrid(6);
  await press('w');
  await expect.poll(() => app.get('activation').getAttribute('data-state'), slow).toBe('shown');
  expect(await app.get('activation').locator('canvas').count()).toBe(1);
  await app.get('nearest').waitFor();
  expect(await app.get('nearest').locator('li').first().textContent()).toContain(invented[0]);
  await press('Shift+S');
  await app.get('leave-similar').waitFor();
  const first = app.page.locator('[data-testid="grid-cell"]');
  await expect.poll(async () => (await first.nth(1).getAttribute('data-label')) ?? '').toBe(invented[0]);
  await app.get('leave-similar').focus();
  await press('Enter', 'w');
  await expect.poll(() => app.get('activation').count()).toBe(0);
});

test('a decision is spread to a near duplicate with D, and taken back with Z', async () => {
  await toGrid(4 * copies);
  const { unreviewed } = await byReview();
  await press('/');
  await type('person in a suit');
  await press('Enter');
  await app.get('spread-apply').waitFor();
  await press('d');
  await expect.poll(async () => (await byReview()).unreviewed).toBeLessThan(unreviewed - 1);
  await press('z');
  await expect.poll(async () => (await byReview()).unreviewed).toBe(unreviewed - 1);
});

test('a cluster is accepted at a stroke and comes back with Z; duplicates stand together', async () => {
  await expect.poll(async () => (await state()).working, slow).toBeNull();
  await app.get('grid').focus();
  await press('g');
  await app.get('group').first().waitFor();
  await expect.poll(focused).toBe('groups');
  const { unreviewed } = await byReview();
  const total = Number(await app.get('groups').getAttribute('data-total'));
  const block = app.page.locator('[data-testid="group"][aria-current="true"]');
  for (let step = 0; step < total && !invented.includes((await block.getAttribute('data-category')) ?? ''); step++) {
    await press('ArrowDown');
  }
  expect(invented).toContain(await block.getAttribute('data-category'));
  const size = Number(await block.getAttribute('data-size'));
  expect(size).toBeGreaterThan(0);
  await press('Enter');
  await expect.poll(async () => (await byReview()).unreviewed).toBe(unreviewed - size);
  await expect.poll(() => app.get('groups').getAttribute('data-total')).toBe(String(total - 1));
  await press('z');
  await expect.poll(async () => (await byReview()).unreviewed).toBe(unreviewed);
  await expect.poll(() => app.get('groups').getAttribute('data-total')).toBe(String(total));

  await press('Shift+Tab');
  for (let step = 0; step < 10 && !(await focused())?.startsWith('tab-'); step++) await press('Shift+Tab');
  await press('ArrowRight');
  await expect.poll(() => app.get('tab-duplicates').getAttribute('aria-selected')).toBe('true');
  await expect
    .poll(async () => Number(await app.get('groups').getAttribute('data-total')), slow)
    .toBeGreaterThanOrEqual(samplePhotos.length);
  expect(Number(await app.get('group').first().getAttribute('data-size'))).toBeGreaterThanOrEqual(2);
});

test('the sheet of learning reports how good it is', async () => {
  await app.get('learn-line').focus();
  await press('Enter');
  await app.get('learn-report').waitFor({ timeout: 30_000 });
  expect(await app.get('learn-report').textContent()).toMatch(/\d+%/);
  expect(await app.get('learn-versions').locator('li').count()).toBeGreaterThan(0);
  await press('Escape');
  await app.get('learn-sheet').waitFor({ state: 'detached' });
});

test('insights draw every plot, and save it as SVG and as PNG', async () => {
  await go('insights');
  for (const name of ['progress', 'categories', 'scores', 'reliability', 'confusion', 'agreement']) {
    await expect.poll(() => app.get(`plot-${name}`).locator('svg').count()).toBe(1);
  }
  for (const form of ['svg', 'png']) {
    const file = join(files, `plot.${form}`);
    await chooseSaveFile(app, file);
    await tabTo(`save-categories-${form}`);
    await press('Enter');
    await app
      .get('toast')
      .filter({ hasText: `plot.${form}` })
      .waitFor();
    const { width = 0, format } = await sharp(readFileSync(file)).metadata();
    expect(format).toBe(form);
    expect(width).toBeGreaterThan(300);
  }
  expect(readFileSync(join(files, 'plot.svg'), 'utf8')).toContain(invented[0]);
});

test('the export holds what was invented and what was learned', async () => {
  await chooseSaveFile(app, join(files, 'labels.csv'));
  await press('Control+E');
  await app.get('export-format').selectOption('csv');
  await app.get('export-save').focus();
  await press('Enter');
  await app.get('export-done').waitFor();
  const lines = parse<object>(readFileSync(join(files, 'labels.csv'), 'utf8'), { columns: true, bom: true });
  for (const name of invented) {
    const named = lines.filter((line) => Object.values(line).includes(name));
    expect(named.length).toBeGreaterThanOrEqual(copies - 1);
  }
});

const screens: Record<string, { open: () => Promise<void>; shows: string }> = {
  'learn-order': { open: async () => (await toGrid(0), await press('s')), shows: 'order-menu' },
  'learn-why': { open: async () => (await toGrid(6), await press('w')), shows: 'nearest' },
  'learn-groups': { open: () => go('groups'), shows: 'group' },
  'learn-sheet': {
    async open() {
      await go('review');
      await app.get('learn-line').focus();
      await press('Enter');
    },
    shows: 'learn-report',
  },
  insights: { open: () => go('insights'), shows: 'insights-folders' },
};

test.for(Object.entries(screens))('%s has no barrier and fits, light and dark', async ([name, { open, shows }]) => {
  for (const look of [looks[0]!, looks.at(-1)!]) {
    await wear(app, look);
    await open();
    await app.get(shows).first().waitFor();
    await photograph(app, name, look);
    expect(await barriers(app)).toEqual([]);
    expect(await misfits(app)).toEqual([]);
    await press(name === 'learn-why' ? 'w' : 'Escape');
  }
});

test('the page met no error and no blocked source', () => {
  expect(app.problems).toEqual([]);
});
