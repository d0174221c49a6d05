/**
 * @file Every screen, light and dark, in both languages: whole, readable by assistive technology, and photographed.
 *
 * The pictures go to `out/screenshots/`. With UPDATE_SCREENSHOTS=1 those that the documents show also go to
 * `docs/screenshots/`.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseFolders, labeled, launchApp, root, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { samplePhotos } from '../support/pictures.ts';
import { weightFixture } from '../support/weights.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(root, 'out/screenshots');
const documents = process.env['UPDATE_SCREENSHOTS'] ? join(root, 'docs/screenshots') : temporaryFolder('screenshots');

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
const looks = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh-CN'] as const).map((language) => ({ theme, language })),
);

beforeAll(async () => {
  app = await launchApp();
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(1280, 800));
  await app.page.waitForFunction(() => innerWidth === 1280 && innerHeight === 800);
  mkdirSync(shots, { recursive: true });
  mkdirSync(documents, { recursive: true });
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

async function wear({ theme, language }: (typeof looks)[number]): Promise<void> {
  await app.call('settings.set', { theme, language });
  const worn = () =>
    app.page.evaluate(() => `${document.documentElement.dataset['theme']} ${document.documentElement.lang}`);
  await expect.poll(worn).toBe(`${theme} ${language}`);
}

async function photograph(screen: string, { theme, language }: (typeof looks)[number]): Promise<void> {
  // Pictures fade in and messages fade out; the photograph is of what stays.
  await expect.poll(() => app.get('toast').count(), { timeout: 15_000 }).toBe(0);
  await app.page.waitForTimeout(300);
  const name = `${screen}-${theme}${language === 'en' ? '' : `-${language}`}.png`;
  const picture = await app.page.screenshot({ path: join(shots, name), animations: 'disabled' });
  expect(picture.length).toBeGreaterThan(5_000);
  if (isInDocuments(screen, language))
    await app.page.screenshot({ path: join(documents, name), animations: 'disabled' });
}

/** What a person with a screen reader, or without a mouse, would stumble over. */
async function barriers(): Promise<string[]> {
  await app.page.evaluate(axe);
  const found = await app.page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'] });
  });
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Nothing sticks out of the window, and the window has no empty rest. */
async function misfits(): Promise<string[]> {
  return app.page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push(`page of ${scrollWidth} × ${scrollHeight}`);
    const bar = document.querySelector('[data-testid="status-bar"]')!.getBoundingClientRect();
    if (Math.round(bar.bottom) !== innerHeight || bar.height > 40) found.push(`status bar at ${bar.top}–${bar.bottom}`);
    return found;
  });
}

test.each(looks)('the first start, $theme in $language', async (look) => {
  await wear(look);
  await app.get('open-folder').first().waitFor();

  await photograph('welcome', look);
  expect(await misfits()).toEqual([]);
  expect(await barriers()).toEqual([]);
});

test('a folder is labeled', async () => {
  await wear({ theme: 'light', language: 'en' });
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
    await wear(look);
    const { open, shows } = screens[name]!;
    await open();
    await app.get(shows).first().waitFor();

    await photograph(name, look);
    try {
      expect(await misfits()).toEqual([]);
      expect(await barriers()).toEqual([]);
    } finally {
      await app.page.keyboard.press('Escape');
    }
  });
}

test('no screen met an error or a blocked source', () => {
  expect(app.problems).toEqual([]);
});
