import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Category } from '#core/category.ts';
import { commands } from '../../../renderer/commands.ts';
import { en } from '../../../renderer/messages/en.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';
import type { AppState, Screen } from '../../../renderer/state/app.svelte.ts';
import { findItems, fuzzyScore, paletteItems, plain } from '../../../renderer/state/palette.ts';

const category = (id: number, name: string, more: Partial<Category> = {}): Category => ({
  id,
  name,
  supercategory: '',
  parentId: null,
  grouping: false,
  wordnetId: null,
  colour: null,
  hotkey: null,
  threshold: null,
  imageCount: 0,
  decidedCount: 0,
  ...more,
});

/** The parts of the app that the palette reaches for; what it does is noted in `did`. */
function surroundings(options: { screen?: Screen; categories?: Category[]; text?: typeof en } = {}) {
  const did: string[] = [];
  const { screen = 'review', categories = [category(1, 'cat', { hotkey: 'C' }), category(2, 'café')] } = options;
  const parts = {
    screen,
    language: { text: options.text ?? en },
    library: { currentId: 7, categories, datasets: [{ id: 7, name: 'Holiday' }] },
    categories: { words: new Map([[1, ['猫', 'kitty']]]) },
    review: { focused: { id: 11 } },
    decisions: {
      take: (id: number) => did.push(`take ${id}`),
      decide: ({ kind }: { kind: string }) => did.push(`decide ${kind}`),
    },
    learning: { chooseOrder: (key: string) => did.push(`order ${key}`) },
    show: (name: string) => did.push(`show ${name}`),
    switchTo: (id: number) => did.push(`dataset ${id}`),
    openSheet: (sheet: string) => did.push(`sheet ${sheet}`),
  };
  return { app: parts as unknown as AppState, did };
}

function find(typed: string, options?: Parameters<typeof surroundings>[0]): string[] {
  return findItems(paletteItems(surroundings(options).app), typed, 60).map(({ id }) => id);
}

test('what is the same fits best, then what begins so, has such a word, has it inside, has its letters', () => {
  const texts = ['cat', 'catalogue', 'a cat', 'concatenate', 'cosy attic tent'];
  const scores = texts.map((text) => fuzzyScore(text, 'cat'));

  expect(scores[0]).toBe(1);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(new Set(scores).size).toBe(texts.length);
  expect(scores.at(-1)).toBeGreaterThan(0);
});

test('letters strewn over a text are chance, not a match', () => {
  expect([
    fuzzyScore('clear the selection', 'eeo'),
    fuzzyScore('insights', 'ight x'),
    fuzzyScore('cat', 'catt'),
  ]).toEqual([0, 0, 0]);
});

test('every text is found by any part of it, and never without its letters', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((value) => plain(value) !== '');
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (value, from, length) => {
      const whole = plain(value);
      const part = whole.slice(from % whole.length).slice(0, 1 + (length % whole.length));
      const score = fuzzyScore(whole, part);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(fuzzyScore(whole, whole)).toBe(1);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ minLength: 1, maxLength: 5 }), (text, wanted) => {
      if (fuzzyScore(text, wanted) > 0)
        expect([...text]).toEqual(expect.arrayContaining([...wanted.replace(/\s/g, '')]));
    }),
  );
});

test('every command is offered with its keys, but those that only a key can mean', () => {
  const items = paletteItems(surroundings().app);
  const keys = new Map(items.map(({ id, keys }) => [id, keys]));
  const left = commands.filter(({ id }) => !keys.has(`command:${id}`)).map(({ id }) => id);

  expect(left.sort()).toEqual(['choose', 'extend', 'move', 'palette']);
  expect(keys.get('command:undo')).toEqual(['Z', 'Ctrl+Z']);
  expect(new Set(keys.keys()).size).toBe(items.length);
});

test('names are found in both languages, whichever is shown', () => {
  expect(find('insights', { text: zhCn })[0]).toBe('screen:insights');
  expect(find('统计')[0]).toBe('screen:insights');
  expect(find('撤销')[0]).toBe('command:undo');
});

test('categories are found by name, sentence, other words and without accents, and label with one Enter', () => {
  expect(find('cat')[0]).toBe('category:1');
  expect(find('label cat')[0]).toBe('category:1');
  expect(find('猫')[0]).toBe('category:1');
  expect(find('kitty')).toEqual(['category:1']);
  expect(find('cafe')[0]).toBe('category:2');

  const { app, did } = surroundings();
  const item = findItems(paletteItems(app), 'cat', 60)[0]!;
  item.run();
  expect([item.title, item.keys, did]).toEqual(['Label as cat', ['C'], ['take 1']]);
});

test('groups of categories are never offered as a label', () => {
  expect(find('animal', { categories: [category(3, 'animal', { grouping: true })] })).not.toContain('category:3');
});

test('decisions are only offered where the pictures are seen; what finds pictures goes there first', () => {
  const elsewhere = surroundings({ screen: 'models' });
  const items = paletteItems(elsewhere.app);
  const ids = items.map(({ id }) => id);

  expect(ids.filter((id) => id.startsWith('category:'))).toEqual([]);
  expect(ids).not.toContain('command:accept');
  items.find(({ id }) => id === 'order:wrong')!.run();
  items.find(({ id }) => id === 'dataset:7')!.run();
  items.find(({ id }) => id === 'screen:insights')!.run();
  expect(elsewhere.did).toEqual(['show review', 'order wrong', 'dataset 7', 'show review', 'show insights']);
});

test('a command does what its key does', () => {
  const { app, did } = surroundings();
  const items = paletteItems(app);

  items.find(({ id }) => id === 'command:skip')!.run();
  items.find(({ id }) => id === 'command:practice')!.run();
  expect(did).toEqual(['decide skip', 'sheet practice']);
});

test('with nothing typed a thousand categories stay out of the list; typed, no more is drawn than asked for', () => {
  const categories = Array.from({ length: 1000 }, (_, index) => category(index + 1, `kind of cat ${index}`));
  const items = paletteItems(surroundings({ categories }).app);

  expect(findItems(items, '', 60).filter(({ kind }) => kind === 'category')).toEqual([]);
  expect(findItems(items, 'cat', 60)).toHaveLength(60);
  expect(findItems(items, 'kind of cat 512', 60)[0]!.id).toBe('category:513');
});

test('a category found by another word says which; one found by its name says nothing', () => {
  const found = (typed: string) =>
    findItems(paletteItems(surroundings().app), typed, 60).find(({ id }) => id === 'category:1')?.word;

  expect(found('kitt')).toBe('kitty');
  expect(found('猫')).toBe('猫');
  expect(found('cat')).toBeNull();
  expect(found('label as cat')).toBeNull();
});
