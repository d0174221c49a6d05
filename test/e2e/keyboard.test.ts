/** @file Review by keys alone in the real app: what each key shows, what it stores, and that undo takes it back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImageDetail, ReviewState } from '#core/image.ts';
import { labeled, launchApp, photoFolder, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear } from '../support/looks.ts';

const count = 24;
const ownName = 'my own';

let app: LaunchedApp;
let datasetId: number;
let ids: number[];

beforeAll(async () => {
  app = await launchApp({ folders: [await photoFolder(count)] });
  await setWindowSize(app);
  await labeled(app, count);
  datasetId = (await app.call('datasets.list', {}))[0]!.id;
  // Keys are about what the model predicts, whatever was decided meanwhile.
  await app.call('datasets.configure', { datasetId, learn: 'off' });
  const { categoryId } = await app.call('categories.create', { datasetId, name: ownName, parentId: null });
  await app.call('categories.change', { datasetId, categoryId, patch: { hotkey: 'K' } });
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  ids = (await app.call('view.rows', { viewId, from: 0, count })).map(({ id }) => id);
  await app.page.locator('[data-testid="grid-cell"][data-label]').first().waitFor();
  await app.get('grid').focus();
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, type, focused, focusedField } = keysOf(() => app);
const cell = (index: number) => app.page.locator(`[data-testid="grid-cell"][data-index="${index}"]`);
const stored = (index: number) => app.call('image.get', { imageId: ids[index]! });
const byReview = async () => (await app.call('datasets.list', {}))[0]!.byReview;
const unreviewed = async () => (await byReview()).unreviewed;
const place = async () => {
  const current = await app.get('grid').getAttribute('aria-activedescendant');
  return Number(current?.replace('cell-', ''));
};

/** What is shown of a picture, and what is stored. */
async function expectDecided(index: number, review: ReviewState, labels: string[]): Promise<void> {
  await expect.poll(() => cell(index).getAttribute('data-review')).toBe(review);
  const shown = labels[0] ?? (await stored(index)).predictions[0]?.category;
  await expect.poll(() => cell(index).getAttribute('data-label')).toBe(shown);
  await expect
    .poll(async () => {
      const { review, annotations } = await stored(index);
      return { review, labels: annotations.map(({ category }) => category) };
    })
    .toEqual({ review, labels });
}

/** Undo, look, redo, look again, and leave everything as it was. */
async function expectUndoable(times: number, undone: () => Promise<void>, done: () => Promise<void>): Promise<void> {
  await press(...Array<string>(times).fill('z'));
  await undone();
  await press(...Array<string>(times).fill('Shift+Z'));
  await done();
  await press(...Array<string>(times).fill('Control+z'));
  await undone();
}

test('digits take the prediction of their place, and go on to the next picture', async () => {
  await press('Home');
  const predictions: ImageDetail['predictions'][] = [];
  for (const index of [0, 1, 2, 3, 4]) predictions.push((await stored(index)).predictions);
  const digits = predictions.map((these, index) => Math.min(index + 1, these.length));
  await press(...digits.map(String));
  expect(await place()).toBe(5);
  const each = async (what: (index: number) => Promise<void>) => {
    for (const index of digits.keys()) await what(index);
  };
  const done = () =>
    each((index) => {
      const { category } = predictions[index]![digits[index]! - 1]!;
      return expectDecided(index, digits[index] === 1 ? 'accepted' : 'corrected', [category]);
    });
  await done();
  expect(digits.slice(0, 3)).toEqual([1, 2, 3]);

  await expectUndoable(digits.length, () => each((index) => expectDecided(index, 'unreviewed', [])), done);
  expect(await place()).toBe(0);
});

test('an own letter, accepting, unsure, skipping and taking back a decision', async () => {
  await press('Home', 'k', 'a', 'u', 'x');
  const accepted = [(await stored(1)).predictions[0]!.category];
  const done = async () => {
    await expectDecided(0, 'corrected', [ownName]);
    await expectDecided(1, 'accepted', accepted);
    await expectDecided(2, 'unsure', []);
    await expectDecided(3, 'skipped', []);
  };
  await done();

  await expectUndoable(
    4,
    async () => {
      for (const index of [0, 1, 2, 3]) await expectDecided(index, 'unreviewed', []);
    },
    done,
  );

  await press('Home', 'k', 'ArrowLeft', 'Delete');
  await expectDecided(0, 'unreviewed', []);
  await press('z');
  await expectDecided(0, 'corrected', [ownName]);
  await press('z');
  await expectDecided(0, 'unreviewed', []);
});

test('a flag is put on and taken off', async () => {
  const flagged = async (on: boolean) => {
    await expect.poll(() => cell(2).locator('.flag').count()).toBe(on ? 1 : 0);
    await expect.poll(async () => (await stored(2)).flagged).toBe(on);
  };
  await press('Home', 'ArrowRight', 'ArrowRight', 'm');
  await flagged(true);
  expect(await place()).toBe(2);
  await expectUndoable(
    1,
    () => flagged(false),
    () => flagged(true),
  );
  await press('m');
  await flagged(true);
  await press('m');
  await flagged(false);
});

test('a note is kept by Ctrl+Enter, on several lines, and left as it was by Escape', async () => {
  const note = async (words: string) => {
    await expect.poll(async () => (await stored(1)).note).toBe(words);
    await expect.poll(() => app.get('note').inputValue()).toBe(words);
    const marked = words === '' ? expect.not.stringMatching(/With a note$/) : expect.stringMatching(/With a note$/);
    await expect.poll(() => cell(1).getAttribute('aria-label')).toEqual(marked);
  };
  await press('Home', 'ArrowRight', 'n');
  await expect.poll(focusedField).toBe('note');
  await type('not this');
  await press('Escape');
  await expect.poll(focused).toBe('grid');
  await note('');

  await press('n');
  await expect.poll(focusedField).toBe('note');
  await type('ask Ana');
  await press('Enter');
  await type('axz');
  await press('Control+Enter');
  await expect.poll(focused).toBe('grid');
  await note('ask Ana\naxz');
  // None of the letters was a key.
  expect(await unreviewed()).toBe(count);
  await expectUndoable(
    1,
    () => note(''),
    () => note('ask Ana\naxz'),
  );
});

test('a row and all that is on the screen are accepted as one step each', async () => {
  const row = cell(0).locator('..').getByTestId('grid-cell');
  await press('Home');
  const columns = await row.count();
  expect(columns).toBeGreaterThan(1);
  const left = async (expected: number) => {
    await expect.poll(unreviewed).toBe(expected);
    const shown = app.page.locator('[data-testid="grid-cell"][data-review="accepted"]');
    await expect.poll(() => shown.count()).toBe(count - expected);
  };
  await press('Shift+Enter');
  await left(count - columns);
  expect(await place()).toBe(columns);
  await expectUndoable(
    1,
    () => left(count),
    () => left(count - columns),
  );

  await press('Home', 'Control+Shift+Enter');
  await expect.poll(unreviewed).toBeLessThanOrEqual(count - 2 * columns);
  const rest = await unreviewed();
  expect((count - rest) % columns === 0 || rest === 0).toBe(true);
  await expectUndoable(
    1,
    () => left(count),
    () => left(rest),
  );
});

test('the palette finds a command by its name in either language and runs it on the picture in focus', async () => {
  await press('Home', 'Control+k');
  await expect.poll(focused).toBe('palette-input');
  await type('unsure');
  const options = app.get('palette').getByRole('option');
  await expect.poll(() => options.first().getAttribute('data-item')).toBe('command:unsure');
  await press('Enter');
  await app.get('palette').waitFor({ state: 'detached' });
  await expectDecided(0, 'unsure', []);
  await expect.poll(focused).toBe('grid');

  await press('Control+k');
  await app.page.keyboard.insertText('跳过');
  await expect.poll(() => options.first().getAttribute('data-item')).toBe('command:skip');
  await press('Enter');
  await expectDecided(1, 'skipped', []);

  await press('Control+k');
  await type('undo');
  await press('Escape');
  await app.get('palette').waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('grid');
  await expectDecided(1, 'skipped', []);
  await press('z', 'z');
  await expectDecided(0, 'unreviewed', []);
});

test('the practice is opened, done and closed by keys, and stores nothing', async () => {
  await press('Home', '?');
  await app.get('shortcuts-sheet').waitFor();
  for (let times = 0; times < 5 && (await focused()) !== 'start-practice'; times++) await press('Tab');
  await press('Enter');
  await app.get('practice-sheet').waitFor();
  const said = () => app.get('practice-said').innerText();
  await press('x');
  await expect.poll(said).not.toBe('');
  await press('a', '2', '/');
  await expect.poll(focused).toBe('practice-input');
  await type('house');
  await press('Enter', 'x', 'u', 'z');
  await app.get('practice-done').waitFor();
  await press('Escape');
  await app.get('practice-sheet').waitFor({ state: 'detached' });
  expect(await unreviewed()).toBe(count);
  await expect.poll(focused).toBe('grid');
});

test('the large picture zooms, moves, turns, goes on and decides by keys', async () => {
  const picture = app.get('loupe-picture');
  const current = app.page.locator('[data-testid="loupe"] [aria-current="true"]');
  const name = async (index: number) => (await stored(index)).name;
  await press('Home', 'Space');
  await app.get('loupe').waitFor();
  await expect.poll(() => current.getAttribute('aria-label')).toBe(await name(0));

  await press('+', '+', '+');
  await expect.poll(async () => Number(await picture.getAttribute('data-scale'))).toBeGreaterThan(1.5);
  const transform = () => picture.evaluate((room) => (room as HTMLElement).style.transform);
  const before = await transform();
  await press('ArrowRight');
  await expect.poll(transform).not.toBe(before);
  expect(await current.getAttribute('aria-label')).toBe(await name(0));
  await press('0');
  await expect.poll(() => picture.getAttribute('data-scale')).toBe('1');

  await press('r');
  await expect.poll(() => picture.getAttribute('data-turns')).toBe('1');
  await press('Shift+R', 'Shift+R');
  await expect.poll(() => picture.getAttribute('data-turns')).toBe('3');
  await press('ArrowRight');
  await expect.poll(() => current.getAttribute('aria-label')).toBe(await name(1));
  await expect.poll(() => picture.getAttribute('data-turns')).toBe('0');
  await press('ArrowLeft');
  await expect.poll(() => picture.getAttribute('data-turns')).toBe('3');
  await press('r');
  await expect.poll(() => picture.getAttribute('data-turns')).toBe('0');

  const second = (await stored(0)).predictions[1]!.category;
  await press('2');
  await expect.poll(() => current.getAttribute('aria-label')).toBe(await name(1));
  await expectDecided(0, 'corrected', [second]);
  await press('z');
  await expect.poll(() => current.getAttribute('aria-label')).toBe(await name(0));
  await expectDecided(0, 'unreviewed', []);
  await press('Escape');
  await app.get('loupe').waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('grid');
  expect(app.problems).toEqual([]);
});

test.each(looks.filter(({ theme, language }) => (theme === 'light') === (language === 'en')))(
  'palette, practice, large picture and note, $theme in $language',
  async (look) => {
    const sound = async (screen: string) => {
      await photograph(app, screen, look);
      expect(await misfits(app)).toEqual([]);
      expect(await barriers(app)).toEqual([]);
    };
    await wear(app, look);
    await press('Home', 'Control+k');
    await type('ac');
    await sound('palette');
    await press('Control+a');
    await type('practi');
    await press('Enter');
    await app.get('practice-sheet').waitFor();
    await press('x');
    await sound('practice');
    await press('Escape');
    await app.get('practice-sheet').waitFor({ state: 'detached' });

    await press('m', 'n');
    await expect.poll(focusedField).toBe('note');
    await type('Ask Ana where this was, and whether the others of that day are in her folder too.');
    await sound('note');
    await press('Control+Enter', 'Space');
    await app.get('loupe').waitFor();
    await press('r', 'a', 'ArrowLeft');
    await sound('loupe-turned');
    await press('r', 'r', 'r', 'Escape', 'z', 'z', 'z');
    await expect.poll(async () => (await stored(0)).note).toBe('');
  },
  60_000,
);

test('after the app was closed and opened again undo goes on where it was', async () => {
  await wear(app, { theme: 'light', language: 'en' });
  await press('Home', '2', 'Shift+ArrowRight', 'Shift+ArrowRight', 'x');
  await expectDecided(3, 'skipped', []);
  const second = (await stored(0)).predictions[1]!.category;
  await press('Home', 'm');
  await expect.poll(async () => (await stored(0)).flagged).toBe(true);
  const { userData } = app;
  await app[Symbol.asyncDispose]();

  app = await launchApp({ userData });
  await setWindowSize(app);
  await press('Control+k');
  await type('review');
  await expect
    .poll(() => app.get('palette').getByRole('option').first().getAttribute('data-item'))
    .toBe('screen:review');
  await press('Enter');
  await cell(0).and(app.page.locator('[data-label]')).waitFor();
  await expect.poll(focused).toBe('grid');
  await press('z', 'z');
  await expect.poll(async () => (await stored(0)).flagged).toBe(false);
  for (const index of [1, 2, 3]) await expectDecided(index, 'unreviewed', []);
  await expectDecided(0, 'corrected', [second]);
  await press('z');
  await expectDecided(0, 'unreviewed', []);
  await press('Shift+Z', 'Shift+Z', 'Shift+Z');
  await expectDecided(0, 'corrected', [second]);
  for (const index of [1, 2, 3]) await expectDecided(index, 'skipped', []);
  await expect.poll(async () => (await stored(0)).flagged).toBe(true);
  expect(app.problems).toEqual([]);
});
