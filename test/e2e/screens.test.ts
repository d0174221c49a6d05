/** @file Every screen, light and dark, in both languages: whole, readable by assistive technology, and photographed. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseFolders, labeled, launchApp, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';
import { samplePhotos } from '../support/pictures.ts';
import { weightFixture } from '../support/weights.ts';

/** How to get to each screen from any other, and what is there then. */
const screens: Record<string, { open: () => Promise<void>; shows: string }> = {
  library: { open: () => app.get('nav-library').click(), shows: 'dataset-row' },
  review: { open: openReview, shows: 'grid' },
  loupe: {
    async open() {
      await openReview();
      await app.page.keyboard.press('Space');
    },
    shows: 'loupe',
  },
  export: { open: () => app.get('nav-export').click(), shows: 'export-preview' },
  models: { open: () => openModels('installed'), shows: 'model-row' },
  'models-table': { open: () => openModels('table'), shows: 'model-table' },
  'models-catalogue': {
    async open() {
      await openModels('catalogue');
      const first = app.get('catalogue-details').first();
      if ((await first.getAttribute('aria-expanded')) === 'false') await first.click();
    },
    shows: 'catalogue-url',
  },
  'models-compare': { open: () => openModels('compare'), shows: 'compare-dataset' },
  'models-add': {
    async open() {
      await chooseFolders(app, [weightFixture('torchvision.pth')]);
      await app.get('nav-models').click();
      await app.get('add-model').click();
      await app.get('import-file').click();
      await app.get('recognised').waitFor();
      await app.get('import-preprocess').selectOption('own');
    },
    shows: 'preprocess-numbers',
  },
  settings: { open: () => app.get('nav-settings').click(), shows: 'settings-theme' },
  shortcuts: {
    async open() {
      await openReview();
      await app.page.keyboard.press('Shift+?');
    },
    shows: 'shortcuts-sheet',
  },
};

/** In the documents: the screens of daily use in English, light and dark, and one in Chinese. */
const isInDocuments = (screen: string, language: string) =>
  !['welcome', 'shortcuts', 'models-compare', 'models-add'].includes(screen) &&
  (language === 'en' || screen === 'review');

let app: LaunchedApp;

beforeAll(async () => {
  app = await launchApp();
  await setWindowSize(app);
});
afterAll(() => app[Symbol.asyncDispose]());

async function openReview(): Promise<void> {
  await app.get('nav-review').click();
  await app.get('grid').focus();
  if (await app.get('loupe').isVisible()) await app.page.keyboard.press('Escape');
}

async function openModels(part: string): Promise<void> {
  await app.get('nav-models').click();
  await app.get(`tab-${part}`).click();
}

test.each(looks)('the first start, $theme in $language', async (look) => {
  await wear(app, look);
  await app.get('open-folder').first().waitFor();

  await photograph(app, 'welcome', look);
  expect(await misfits(app)).toEqual([]);
  expect(await barriers(app)).toEqual([]);
});

test('a folder is labeled', async () => {
  await wear(app, { theme: 'light', language: 'en' });
  const folder = join(temporaryFolder('home'), 'Pictures');
  mkdirSync(folder);
  for (const photo of samplePhotos) copyFileSync(photo, join(folder, basename(photo)));
  await chooseFolders(app, [folder]);
  await app.get('open-folder').first().click();
  await labeled(app, samplePhotos.length);
  await app.get('grid').waitFor();
  const labels = app.page.locator('[data-testid="grid-cell"][data-label]');
  await expect.poll(() => labels.count(), { timeout: 10_000 }).toBe(samplePhotos.length);
  // One of each kind of decision, so that their marks can be seen.
  await app.get('grid').focus();
  for (const key of ['a', 'x', '2']) {
    await app.page.keyboard.press(key);
    await app.page.waitForTimeout(200);
  }
  await expect
    .poll(async () => (await app.call('datasets.list', {}))[0]!.byReview)
    .toMatchObject({ skipped: 1, unreviewed: 5 });
});

for (const look of looks) {
  test.each(Object.keys(screens))(`the screen %s, ${look.theme} in ${look.language}`, async (name) => {
    await wear(app, look);
    const { open, shows } = screens[name]!;
    await open();
    await app.get(shows).first().waitFor();

    await photograph(app, name, look, isInDocuments(name, look.language));
    try {
      expect(await misfits(app)).toEqual([]);
      expect(await barriers(app)).toEqual([]);
    } finally {
      await app.page.keyboard.press('Escape');
    }
  });
}

test('no screen met an error or a blocked source', () => {
  expect(app.problems).toEqual([]);
});
