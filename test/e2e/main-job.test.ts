/** @file The main job as a person does it: a folder in, labels looked through and corrected, files out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  chooseFolders,
  chooseSaveFile,
  labeled,
  launchApp,
  photoFolder,
  temporaryFolder,
  type LaunchedApp,
} from '../support/electron.ts';

const photoCount = 24;
/** Small cells, so that all of them are on the screen. */
const settings = { layout: { thumbnailSize: 96 } };

let app: LaunchedApp;
let photos: string;
/** Of the launches before this one. */
const problems: string[] = [];
const files = temporaryFolder('exports');

beforeAll(async () => {
  photos = await photoFolder(photoCount);
  app = await launchApp({ settings });
});
afterAll(() => app[Symbol.asyncDispose]());

const cell = (index: number) => app.page.locator(`[data-testid="grid-cell"][data-index="${index}"]`);
const totalCount = async () => Number.parseInt((await app.get('total-count').textContent()) ?? '', 10);
/** Decisions are stored one after another; a later question waits for the ones before. */
const reviewCounts = async () => (await app.call('datasets.list', {}))[0]!.byReview;

async function label(name: string): Promise<void> {
  await app.page.keyboard.press('/');
  await app.page.keyboard.type(name);
  await app.page.keyboard.press('Enter');
}

async function exportAs(format: string, file: string): Promise<void> {
  await chooseSaveFile(app, join(files, file));
  await app.get('export-format').selectOption(format);
  await app.get('export-save').click();
  await app.get('export-done').filter({ hasText: file }).waitFor();
}

interface CocoFile {
  images: { id: number; file_name: string; width: number; height: number }[];
  categories: { id: number; name: string }[];
  annotations: { image_id: number; category_id: number; bbox: number[]; score?: number }[];
}

test('a folder that was chosen is labeled without another click', async () => {
  await chooseFolders(app, [photos]);
  await app.get('open-folder').first().click();
  await labeled(app, photoCount);

  expect(await reviewCounts()).toMatchObject({ unreviewed: photoCount });
  await expect.poll(totalCount).toBe(photoCount);
  await expect.poll(() => app.page.locator('[data-testid="grid-cell"][data-label]').count()).toBe(photoCount);
});

test('every picture has its thumbnail on the screen', async () => {
  const loaded = () =>
    app.page.evaluate(() => {
      const images = [...document.querySelectorAll<HTMLImageElement>('[data-testid="grid-cell"] img')];
      return images.filter((image) => image.complete && image.naturalWidth > 0).length;
    });

  await expect.poll(loaded, { timeout: 20_000 }).toBe(photoCount);
});

test('the search leaves the pictures that fit, and gives the others back', async () => {
  await app.get('search').fill('photo-07');
  await expect.poll(totalCount).toBe(1);

  await app.get('search').fill('');
  await expect.poll(totalCount).toBe(photoCount);
});

test('three corrections by keyboard go on to the next picture each', async () => {
  await cell(0).click();
  for (const name of ['first label', 'second, "quoted"', '第三']) await label(name);

  await expect.poll(reviewCounts).toMatchObject({ corrected: 3, unreviewed: photoCount - 3 });
  expect(await cell(0).getAttribute('data-label')).toBe('first label');
  expect(await cell(1).getAttribute('data-label')).toBe('second, "quoted"');
  expect(await cell(2).getAttribute('data-label')).toBe('第三');
});

test('undo takes back the last one only', async () => {
  await app.get('undo').click();

  await expect.poll(reviewCounts).toMatchObject({ corrected: 2, unreviewed: photoCount - 2 });
  await expect.poll(() => cell(2).getAttribute('data-review')).toBe('unreviewed');
  expect(await cell(1).getAttribute('data-review')).toBe('corrected');
});

test('ten selected pictures are labeled in one stroke', async () => {
  await cell(10).click();
  await cell(19).click({ modifiers: ['Shift'] });
  await expect.poll(() => app.page.locator('[data-testid="grid-cell"][aria-selected="true"]').count()).toBe(10);
  await label('bulk label');

  await expect.poll(reviewCounts).toMatchObject({ corrected: 12, unreviewed: photoCount - 12 });
  await expect.poll(() => cell(19).getAttribute('data-label')).toBe('bulk label');
});

test('one undo takes all ten back, one redo brings them again', async () => {
  await app.get('undo').click();
  await expect.poll(reviewCounts).toMatchObject({ corrected: 2 });

  await app.get('redo').click();
  await expect.poll(reviewCounts).toMatchObject({ corrected: 12 });
});

test('accept and skip are one key each', async () => {
  await cell(20).click();
  await app.page.keyboard.press('a');
  await app.page.keyboard.press('x');

  await expect
    .poll(reviewCounts)
    .toMatchObject({ accepted: 1, skipped: 1, corrected: 12, unreviewed: photoCount - 14 });
});

test('a review state filters the pictures', async () => {
  await app.get('filter-review-corrected').click();
  await expect.poll(totalCount).toBe(12);
  await app.get('filter-review-unreviewed').click();
  await expect.poll(totalCount).toBe(photoCount - 14);
  await app.get('filter-review-all').click();
  await expect.poll(totalCount).toBe(photoCount);
});

test('giving up in the dialogs changes nothing', async () => {
  await chooseSaveFile(app, null);
  await app.get('nav-export').click();
  await app.get('export-preview').waitFor();
  await app.get('export-save').click();
  await chooseFolders(app, null);
  await app.get('nav-library').click();
  await app.get('open-folder').first().click();

  expect(await app.call('datasets.list', {})).toHaveLength(1);
  expect(await app.get('export-done').count()).toBe(0);
});

test('the CSV file holds every picture, and every decision', async () => {
  await app.get('nav-export').click();
  await exportAs('csv', 'labels.csv');

  const rows = parse<Record<string, string>>(readFileSync(join(files, 'labels.csv')), { columns: true });
  expect(Object.keys(rows[0]!)).toEqual([
    'file_name',
    'source',
    'width',
    'height',
    'status',
    'error',
    'review',
    'label',
    'score',
  ]);
  expect(rows).toHaveLength(photoCount);
  const byName = new Map(rows.map((row) => [row['file_name'], row]));
  expect(byName.get('photo-01.jpg')).toMatchObject({ review: 'corrected', label: 'first label', source: photos });
  expect(byName.get('photo-02.jpg')).toMatchObject({ review: 'corrected', label: 'second, "quoted"' });
  expect(byName.get('photo-03.jpg')).toMatchObject({ review: 'unreviewed', status: 'done' });
  expect(byName.get('photo-03.jpg')!['label']).not.toBe('第三');
  expect(rows.filter((row) => row['label'] === 'bulk label')).toHaveLength(10);
  expect(byName.get('photo-21.jpg')).toMatchObject({ review: 'accepted' });
});

test('the COCO file holds them too', async () => {
  await exportAs('coco', 'labels.coco.json');

  const coco = JSON.parse(readFileSync(join(files, 'labels.coco.json'), 'utf8')) as CocoFile;
  const nameOf = new Map(coco.categories.map(({ id, name }) => [id, name]));
  const labelOf = (file: string) => {
    const image = coco.images.find(({ file_name }) => file_name === file)!;
    return coco.annotations
      .filter(({ image_id }) => image_id === image.id)
      .map(({ category_id }) => nameOf.get(category_id));
  };
  expect(coco.images).toHaveLength(photoCount);
  expect(labelOf('photo-01.jpg')).toEqual(['first label']);
  expect(labelOf('photo-02.jpg')).toEqual(['second, "quoted"']);
  expect(coco.annotations.filter(({ category_id }) => nameOf.get(category_id) === 'bulk label')).toHaveLength(10);
  expect(coco.annotations.every(({ bbox }) => bbox.length === 4 && bbox[2]! > 0)).toBe(true);
});

test('after the app was closed and opened again, everything is there, undo included', async () => {
  problems.push(...app.problems);
  await app[Symbol.asyncDispose]();
  app = await launchApp({ userData: app.userData });

  expect(await reviewCounts()).toMatchObject({ accepted: 1, skipped: 1, corrected: 12, unreviewed: photoCount - 14 });
  await app.get('nav-review').click();
  await expect.poll(totalCount).toBe(photoCount);
  await expect.poll(() => cell(0).getAttribute('data-label')).toBe('first label');
  await expect.poll(() => cell(19).getAttribute('data-label')).toBe('bulk label');
  await app.get('undo').click();
  await expect.poll(reviewCounts).toMatchObject({ skipped: 0 });
});

test('the photos lie there as before, and nothing lies beside them', () => {
  expect(existsSync(join(photos, 'labels.csv'))).toBe(false);
  expect(existsSync(join(photos, 'photo-01.jpg'))).toBe(true);
});

test('the page met no error and no blocked source on the way', () => {
  expect([...problems, ...app.problems]).toEqual([]);
});
