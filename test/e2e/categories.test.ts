/** @file Categories in the real app: renamed, merged, taken back, labeled with by a letter, several a picture. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Category } from '#core/category.ts';
import { labeled, launchApp, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';
import { samplePhotos } from '../support/pictures.ts';

let app: LaunchedApp;
let datasetId: number;

beforeAll(async () => {
  const folder = join(temporaryFolder('home'), 'Pictures');
  mkdirSync(folder);
  for (const photo of samplePhotos) copyFileSync(photo, join(folder, basename(photo)));
  app = await launchApp({ folders: [folder] });
  await setWindowSize(app);
  await labeled(app, samplePhotos.length);
  datasetId = (await app.call('datasets.list', {}))[0]!.id;
  await app.get('grid').focus();
  await app.page.locator('[data-testid="grid-cell"][data-label]').first().waitFor();
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, type, focused } = keysOf(() => app);

const list = () => app.call('categories.list', { datasetId });
const names = async () => (await list()).map(({ name }) => name);
const used = async (): Promise<Category[]> => (await list()).filter(({ imageCount }) => imageCount > 0);
const row = (name: string) => app.page.locator(`[data-testid="category-row"][data-name="${name}"]`);
/** By name. */
async function rows() {
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  return app.call('view.rows', { viewId, from: 0, count: 8 });
}

async function openSheet(): Promise<void> {
  await press('Control+Shift+C');
  await app.get('categories-sheet').waitFor();
}

async function closeSheet(): Promise<void> {
  await press('Escape');
  await app.get('categories-sheet').waitFor({ state: 'detached' });
  await app.get('grid').focus();
}

test('the tree in the sidebar opens, closes and filters at every level by keyboard, with what a level holds', async () => {
  const tree = app.page.getByRole('tree', { name: 'Categories' });
  const items = tree.getByRole('treeitem');
  const total = async () => Number(await app.get('total-count').getAttribute('data-total'));
  const all = await list();
  const holdsOthers = items.and(app.page.locator('[aria-expanded="true"][aria-level="1"]')).first();
  const id = Number((await holdsOthers.getAttribute('data-testid'))!.replace('filter-category-', ''));
  const below = (parentId: number): number =>
    all
      .filter((category) => category.parentId === parentId)
      .reduce((sum, child) => sum + child.imageCount + below(child.id), 0);
  const root = app.get(`filter-category-${id}`);
  expect(below(id)).toBeGreaterThan(1);
  await expect.poll(() => root.locator('.count').innerText()).toBe(String(below(id)));

  await root.focus();
  await press('Enter');
  await expect.poll(total).toBe(below(id));
  await expect.poll(() => root.getAttribute('aria-selected')).toBe('true');
  await press('Enter');
  await expect.poll(total).toBe(samplePhotos.length);

  const open = await items.count();
  await press('ArrowLeft');
  await expect.poll(() => root.getAttribute('aria-expanded')).toBe('false');
  expect(await items.count()).toBeLessThan(open);
  await press('ArrowRight');
  await press('ArrowRight');
  await expect.poll(focused).not.toBe(`filter-category-${id}`);
  const child = app.get((await focused())!);
  expect(await child.getAttribute('aria-level')).toBe('2');
  await press('Space');
  await expect.poll(total).toBe(Number(await child.locator('.count').innerText()));
  await press('Space');
  await press('ArrowUp');
  await expect.poll(focused).toBe(`filter-category-${id}`);
  await press('End');
  expect(await focused()).toBe(await items.last().getAttribute('data-testid'));

  await press('Escape');
  await press('f');
  const offered = await app.get('filter-category').locator('option').allInnerTexts();
  expect(offered).toHaveLength(1 + open);
  await press('Escape');
});

test('a category is renamed with the keyboard, a second one is merged into it, and both are taken back', async () => {
  const [first, second] = await used();
  await openSheet();
  await app.get('categories-search').focus();
  await press('ArrowDown');
  await press('Control+A');
  await type('my favourite');
  await press('Enter');
  await row('my favourite').waitFor();
  expect(await names()).not.toContain(first!.name);

  for (const name of ['my favourite', second!.name]) await row(name).getByRole('checkbox').press('Space');
  await app.get('merge-into').fill('my favourite');
  await press('Enter');
  await expect.poll(names).not.toContain(second!.name);
  const merged = (await list()).find(({ name }) => name === 'my favourite')!;
  expect(merged.imageCount).toBe(first!.imageCount + second!.imageCount);

  await app.get('categories-undo').click();
  await expect.poll(names).toContain(second!.name);
  await app.get('categories-search').focus();
  await row('my favourite').getByRole('checkbox').focus();
  await press('Control+Z');
  await expect.poll(names).toContain(first!.name);
  await row(first!.name).waitFor();
  await closeSheet();
});

test('a name that is taken, a letter of the app and a circle are refused with a sentence', async () => {
  const [first, second] = await used();
  await openSheet();
  const name = row(first!.name).getByRole('textbox', { name: 'Name of' });
  await name.fill(second!.name);
  await name.press('Enter');
  await expect.poll(() => app.get('categories-message').innerText()).toContain('There is already a category');
  await expect.poll(() => name.inputValue()).toBe(first!.name);

  const letter = row(first!.name).getByRole('textbox', { name: 'Key for' });
  await letter.fill('a');
  await letter.press('Enter');
  await expect
    .poll(() => app.get('categories-message').innerText())
    .toBe('A is a key of the app. Choose another letter.');

  const parent = (of: string) => row(of).getByRole('combobox', { name: 'is a kind of' });
  const before = (await list()).find(({ id }) => id === second!.id)!.parentId;
  await parent(second!.name).fill(second!.name);
  await parent(second!.name).press('Enter');
  await expect.poll(() => app.get('categories-message').innerText()).toContain('is below this category');
  expect((await list()).find(({ id }) => id === second!.id)!.parentId).toBe(before);
  await closeSheet();
});

test('a letter of its own labels with a category', async () => {
  const [first] = await used();
  await openSheet();
  const letter = row(first!.name).getByRole('textbox', { name: 'Key for' });
  await letter.fill('k');
  await letter.press('Enter');
  await expect.poll(async () => (await list()).find(({ id }) => id === first!.id)!.hotkey).toBe('K');
  await expect.poll(() => letter.inputValue()).toBe('K');
  await closeSheet();

  const { decidedCount } = (await list()).find(({ id }) => id === first!.id)!;
  await press('Home');
  await press('k');
  await expect.poll(async () => (await list()).find(({ id }) => id === first!.id)!.decidedCount).toBe(decidedCount + 1);
  expect((await rows())[0]!).toMatchObject({ label: first!.name, decided: true });
});

test('where pictures may have several categories they are chips that can be taken away', async () => {
  await openSheet();
  await app.get('multi-label').press('Space');
  await expect.poll(async () => (await app.call('datasets.list', {}))[0]!.multiLabel).toBe(true);
  await closeSheet();

  await press('Home');
  for (const name of ['holiday', 'grandmother']) {
    await press('/');
    await type(name);
    await press('Enter');
    await app.page.getByTestId('chip').filter({ hasText: name }).waitFor();
  }
  expect(await app.get('chip').count()).toBe(3);
  await app.page.getByTestId('chip').filter({ hasText: 'holiday' }).press('Enter');
  await expect.poll(() => app.get('chip').count()).toBe(2);
  expect(await app.get('chips').innerText()).not.toContain('holiday');
});

test('what was decided to be one category is moved to a new one', async () => {
  await press('Home');
  await openSheet();
  await app.get('categories-search').fill('grandmother');
  await row('grandmother').getByRole('checkbox').press('Space');
  await app.get('move-to').fill('great-grandmother');
  await press('Enter');
  await app.get('categories-sheet').waitFor({ state: 'detached' });
  await app.page.getByTestId('chip').filter({ hasText: 'great-grandmother' }).waitFor();
});

test('a rule says how many pictures it speaks of, and decides them', async () => {
  await openSheet();
  await app.get('rule-add').click();
  await app.get('rule').getByRole('spinbutton').fill('100');
  await app.get('rule').getByRole('spinbutton').press('Enter');
  await expect.poll(() => app.get('rules-preview').innerText()).toMatch(/^7 pictures now/);
  await app.get('rules-apply').click();
  await expect.poll(async () => (await app.call('datasets.list', {}))[0]!.byReview.unsure).toBe(7);
  await app.get('categories-undo').click();
  await expect.poll(async () => (await app.call('datasets.list', {}))[0]!.byReview.unsure).toBe(0);
  await closeSheet();
  expect(app.problems).toEqual([]);
});

test.each(looks.filter(({ theme, language }) => (theme === 'light') === (language === 'en')))(
  'the sheet and the chips, $theme in $language',
  async (look) => {
    await wear(app, look);
    await press('Home');
    const items = app.page.getByRole('treeitem');
    if (look.language === 'zh-CN')
      await expect.poll(() => items.allInnerTexts()).toContainEqual(expect.stringContaining('animal · 动物'));
    await photograph(app, 'categories-chips', look);
    expect(await barriers(app)).toEqual([]);

    await openSheet();
    for (const checkbox of (await app.get('category-row').getByRole('checkbox').all()).slice(0, 1)) {
      await checkbox.press('Space');
    }
    await photograph(app, 'categories', look);
    expect(await misfits(app)).toEqual([]);
    expect(await barriers(app)).toEqual([]);
    await closeSheet();
  },
);

test('other words find a category and are shown beside its name', async () => {
  await wear(app, { theme: 'light', language: 'en' });
  const words = await app.call('categories.words', { datasetId });
  const all = await list();
  const [category, word] = words.flatMap(({ categoryId, words }) => {
    const named = all.find(({ id, grouping }) => id === categoryId && !grouping);
    const chinese = words.find((word) => /^\p{Script=Han}{2,}$/u.test(word));
    return named && chinese ? [[named, chinese] as const] : [];
  })[0]!;
  await press('/');
  await app.page.keyboard.insertText(word);
  await expect
    .poll(() => app.page.getByRole('option').allInnerTexts())
    .toContainEqual(expect.stringMatching(new RegExp(`^${category.name} · ${word}`)));
  await press('Escape');

  // For a whole block too.
  await press('g');
  await app.get('group').first().waitFor();
  await press('/');
  await expect.poll(focused).toBe('group-label');
  await app.page.keyboard.insertText(word);
  const option = app.page.locator('li[role="option"]').first();
  await expect.poll(() => option.innerText()).toMatch(new RegExp(`^${category.name} · ${word}`));
  await expect.poll(async () => barriers(app)).toEqual([]);
  const before = (await list()).find(({ id }) => id === category.id)!.decidedCount;
  await press('Enter');
  await expect.poll(async () => (await list()).find(({ id }) => id === category.id)!.decidedCount).not.toBe(before);
  await press('z');
  await expect.poll(async () => (await list()).find(({ id }) => id === category.id)!.decidedCount).toBe(before);
});
