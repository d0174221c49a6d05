/** @file What the command palette offers, and how what is typed finds it in either language. */
import { sortKeys } from '#core/image-filter.ts';
import { commands, ownLetter, type Command } from '../commands.ts';
import { en, type Messages } from '../messages/en.ts';
import { zhCn } from '../messages/zh-cn.ts';
import type { AppState, Screen } from './app.svelte.ts';

export type PaletteKind = keyof Messages['palette']['kind'];

export interface PaletteItem {
  /** Unique in the list. */
  id: string;
  kind: PaletteKind;
  title: string;
  /** As `chordOf` names them. */
  keys: readonly string[];
  /** What it is found by, as `plain` makes it. */
  words: readonly string[];
  /** More that it is found by, as it is shown when that is what was typed. */
  others?: readonly string[];
  run(): unknown;
}

export interface FoundItem extends PaletteItem {
  /** The other word that was typed, when the title is less like it. */
  word: string | null;
}

/** These say nothing without the very key that was pressed, or open what is open. */
const onlyKeys: ReadonlySet<Command['id']> = new Set(['move', 'extend', 'choose', 'palette']);

/** Deciding about and selecting pictures makes sense only where they are seen. */
const onlyInSight: ReadonlySet<Command['group']> = new Set(['decide', 'select']);

/** Lower case without accents, so that 'cafe' finds 'Café'. */
export function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

const partOfWord = /[\p{L}\p{N}]/u;
const ideograph = /\p{Script=Han}/u;

/** Whether a word begins at `index`; each Chinese character counts as one. */
function beginsWord(text: string, index: number): boolean {
  return index === 0 || !partOfWord.test(text[index - 1]!) || ideograph.test(text[index]!);
}

/** Whether the letters of `wanted` come in this order in `text`. */
function hasInOrder(text: string, wanted: string): boolean {
  let at = -1;
  for (const letter of wanted) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/**
 * How well scattered letters fit: 1 when each begins a word or follows the one before it.
 *
 * best[j] is the greatest number of such letters among the first ones of `wanted`, the last of them at place j.
 */
function scattered(text: string, wanted: string): number {
  let best: number[] = [];
  for (let i = 0; i < wanted.length; i++) {
    const next: number[] = [];
    let before = i === 0 ? 0 : -1;
    for (let j = 0; j < text.length; j++) {
      let fitting = -1;
      if (text[j] === wanted[i]) {
        if (before >= 0) fitting = before + (beginsWord(text, j) ? 1 : 0);
        if (i > 0 && j > 0 && best[j - 1]! >= 0) fitting = Math.max(fitting, best[j - 1]! + 1);
      }
      next.push(fitting);
      if (i > 0) before = Math.max(before, best[j] ?? -1);
    }
    best = next;
  }
  return Math.max(0, ...best) / wanted.length;
}

/** Scattered letters that fit less than this are chance. */
const leastScattered = 0.7;

/**
 * How well `wanted` fits `text`, both as `plain` makes them.
 *
 * @returns in [0, 1]; 0: not at all; 1: the same; then what begins so, has a word that does, has it inside, and last
 *   what only has its letters in this order
 */
export function fuzzyScore(text: string, wanted: string): number {
  if (wanted === '') return 0;
  if (text === wanted) return 1;
  // Of two that fit alike the shorter one says more of what was typed.
  const filled = Math.min(1, wanted.length / text.length) * 0.1;
  const at = text.indexOf(wanted);
  if (at === 0) return 0.85 + filled;
  for (let place = at; place > 0; place = text.indexOf(wanted, place + 1)) {
    if (beginsWord(text, place)) return 0.7 + filled;
  }
  const letters = wanted.replace(/\s+/g, '');
  if (at > 0) return 0.5 + filled;
  if (letters === '' || !hasInOrder(text, letters)) return 0;
  const fit = scattered(text, letters);
  return fit < leastScattered ? 0 : 0.3 * fit + filled;
}

/** Best first, at most `most`; with nothing typed all but categories, as they come. */
export function findItems(items: readonly PaletteItem[], typed: string, most: number): FoundItem[] {
  const wanted = plain(typed);
  if (wanted === '') {
    return items
      .filter(({ kind }) => kind !== 'category')
      .slice(0, most)
      .map((item) => ({ ...item, word: null }));
  }
  return items
    .map((item) => {
      let score = Math.max(...item.words.map((word) => fuzzyScore(word, wanted)));
      let found: string | null = null;
      for (const word of item.others ?? []) {
        const fit = fuzzyScore(plain(word), wanted);
        if (fit > score) [score, found] = [fit, word];
      }
      return { item: { ...item, word: found }, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item);
}

/** Something that has a name in both languages. */
function named(
  app: AppState,
  kind: PaletteKind,
  id: string,
  name: (text: Messages) => string,
  run: () => unknown,
  keys: readonly string[] = [],
): PaletteItem {
  const words = [plain(name(en)), plain(name(zhCn))];
  return { id: `${kind}:${id}`, kind, title: name(app.language.text), keys, words, run };
}

/** Everything that can be done from here. */
export function paletteItems(app: AppState): PaletteItem[] {
  return [...commandItems(app), ...screenItems(app), ...datasetItems(app), ...orderItems(app), ...categoryItems(app)];
}

function commandItems(app: AppState): PaletteItem[] {
  const inReview = app.screen === 'review';
  const offered = commands.filter(({ id, group }) => !onlyKeys.has(id) && (inReview || !onlyInSight.has(group)));
  const items = offered.map((command) => {
    const { id, where, keys } = command;
    const go = () => {
      if (where === 'review' && !inReview) app.show('review');
      return command.run(app, keys[0]!);
    };
    return named(app, 'command', id, ({ command }) => command[id], go, keys);
  });
  const practise = () => app.openSheet('practice');
  return [...items, named(app, 'command', 'practice', ({ practice }) => practice.title, practise)];
}

function screenItems(app: AppState): PaletteItem[] {
  const screens = Object.keys(en.nav) as Screen[];
  return screens.map((screen) =>
    named(
      app,
      'screen',
      screen,
      ({ nav }) => nav[screen],
      () => app.show(screen),
    ),
  );
}

function orderItems(app: AppState): PaletteItem[] {
  if (app.library.currentId === null) return [];
  // 'similar' needs a picture, and is a command.
  const orders = sortKeys.filter((key) => key !== 'similar');
  return orders.map((key) => {
    const choose = () => {
      app.show('review');
      app.learning.chooseOrder(key);
    };
    return named(app, 'order', key, ({ order }) => order[key].title, choose);
  });
}

function datasetItems(app: AppState): PaletteItem[] {
  return app.library.datasets.map(({ id, name }) => ({
    id: `dataset:${id}`,
    kind: 'dataset',
    title: name,
    keys: [],
    words: [plain(name)],
    run: () => {
      app.switchTo(id);
      app.show('review');
    },
  }));
}

function categoryItems(app: AppState): PaletteItem[] {
  const { language, library, categories, decisions, review, screen } = app;
  if (screen !== 'review' || !review.focused) return [];
  return library.categories
    .filter(({ grouping }) => !grouping)
    .map(({ id, name, hotkey }) => ({
      id: `category:${id}`,
      kind: 'category',
      title: language.text.palette.labelAs(name),
      keys: [ownLetter({ hotkey }) ?? []].flat(),
      words: [name, en.palette.labelAs(name), zhCn.palette.labelAs(name)].map(plain),
      others: categories.words.get(id) ?? [],
      run: () => decisions.take(id),
    }));
}
