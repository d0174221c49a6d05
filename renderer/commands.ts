/** @file Every command of the keyboard, in one table: what it is called, its keys, where it acts, what it does. */
import type { Category } from '#core/category.ts';
import { learnCommands } from './learn-commands.ts';
import { loupeCommands } from './loupe-commands.ts';
import type { Messages } from './messages/en.ts';
import type { AppState } from './state/app.svelte.ts';
import type { Direction } from './state/grid-geometry.ts';

export type CommandGroup = keyof Messages['shortcuts']['group'];

export interface Command {
  id: keyof Messages['command'];
  group: CommandGroup;
  /** As `chordOf` names them. */
  keys: readonly string[];
  /**
   * - `app`: everywhere, also while typing;
   * - `screens`: everywhere but in text fields;
   * - `review`: on the review screen, not in text fields.
   */
  where: 'app' | 'screens' | 'review';
  /** @returns false when the key should do what it does without us */
  run(app: AppState, chord: string): unknown;
}

const directions: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'home',
  End: 'end',
};

const moves = Object.keys(directions);

export const commands: readonly Command[] = [
  {
    id: 'move',
    group: 'move',
    keys: moves,
    where: 'review',
    run: ({ loupe, review }, chord) => loupe.look(directions[chord]!) || review.move(directions[chord]!),
  },
  {
    id: 'next-unreviewed',
    group: 'move',
    keys: ['Tab'],
    where: 'review',
    run: (app) => {
      if (!app.library.current?.byReview.unreviewed || app.review.total === 0) return false;
      return app.attempt(async () => {
        if (!(await app.review.nextUnreviewed())) app.toasts.show(app.language.text.toast.allReviewed);
      });
    },
  },
  {
    id: 'loupe',
    group: 'move',
    keys: ['Space'],
    where: 'review',
    run: ({ review }) => review.setLoupe(!review.loupe),
  },
  ...loupeCommands,

  {
    id: 'accept',
    group: 'decide',
    keys: ['A', 'Enter'],
    where: 'review',
    run: ({ decisions }) => decisions.decide({ kind: 'accept' }),
  },
  {
    id: 'choose',
    group: 'decide',
    keys: ['1', '2', '3', '4', '5'],
    where: 'review',
    run: ({ decisions }, chord) => decisions.choose(Number(chord)),
  },
  {
    id: 'focus-category',
    group: 'decide',
    keys: ['/'],
    where: 'review',
    run: (app) => app.focusField('category'),
  },
  {
    id: 'skip',
    group: 'decide',
    keys: ['X'],
    where: 'review',
    run: ({ decisions }) => decisions.decide({ kind: 'skip' }),
  },
  {
    id: 'unsure',
    group: 'decide',
    keys: ['U'],
    where: 'review',
    run: ({ decisions }) => decisions.decide({ kind: 'unsure' }),
  },
  {
    id: 'flag',
    group: 'decide',
    keys: ['M'],
    where: 'review',
    run: ({ decisions }) => decisions.toggleFlag(),
  },
  {
    id: 'note',
    group: 'decide',
    keys: ['N'],
    where: 'review',
    run: (app) => app.focusField('note'),
  },
  {
    id: 'accept-row',
    group: 'decide',
    keys: ['Shift+Enter'],
    where: 'review',
    run: ({ decisions, review }) => decisions.acceptUnreviewed(() => review.focusedRow),
  },
  {
    id: 'accept-visible',
    group: 'decide',
    keys: ['Ctrl+Shift+Enter'],
    where: 'review',
    run: ({ decisions, review }) =>
      decisions.acceptUnreviewed(() => (review.loupe ? review.focusedRow : review.visible)),
  },
  {
    id: 'unreview',
    group: 'decide',
    keys: ['Delete', 'Backspace'],
    where: 'review',
    run: ({ decisions }) => decisions.decide({ kind: 'clear' }),
  },
  {
    id: 'undo',
    group: 'decide',
    keys: ['Z', 'Ctrl+Z'],
    where: 'review',
    run: ({ decisions }) => decisions.undo(),
  },
  {
    id: 'redo',
    group: 'decide',
    keys: ['Shift+Z', 'Ctrl+Shift+Z', 'Ctrl+Y'],
    where: 'review',
    run: ({ decisions }) => decisions.redo(),
  },

  {
    id: 'extend',
    group: 'select',
    keys: moves.map((key) => `Shift+${key}`),
    where: 'review',
    run: ({ review }, chord) => review.move(directions[chord.slice('Shift+'.length)]!, !review.loupe),
  },
  {
    id: 'select-all',
    group: 'select',
    keys: ['Ctrl+A'],
    where: 'review',
    run: ({ review }) => (review.loupe ? false : review.selectAll()),
  },
  {
    id: 'clear-selection',
    group: 'select',
    keys: ['Escape'],
    where: 'review',
    run: (app) => {
      if (app.filterOpen) app.filterOpen = false;
      else if (app.review.loupe) app.review.setLoupe(false);
      else app.review.clearSelection();
      return app.focusField('grid');
    },
  },

  { id: 'search', group: 'find', keys: ['Ctrl+F'], where: 'app', run: (app) => app.menu('find', false) },
  {
    id: 'filter',
    group: 'find',
    keys: ['F'],
    where: 'review',
    run: (app) => (app.filterOpen = !app.filterOpen),
  },
  { id: 'sort', group: 'find', keys: ['S'], where: 'review', run: ({ learning }) => (learning.orderOpen = true) },
  ...learnCommands,

  { id: 'open-folder', group: 'app', keys: ['Ctrl+O'], where: 'app', run: (app) => app.menu('open-folder', false) },
  {
    id: 'start-run',
    group: 'app',
    keys: ['Ctrl+Enter'],
    where: 'app',
    run: (app) => app.attempt(() => app.startRun()),
  },
  { id: 'export', group: 'app', keys: ['Ctrl+E'], where: 'app', run: (app) => app.show('export') },
  {
    id: 'import-labels',
    group: 'app',
    keys: ['Ctrl+Shift+E'],
    where: 'app',
    run: (app) => app.library.current && app.openSheet('import-labels'),
  },
  {
    id: 'categories',
    group: 'app',
    keys: ['Ctrl+Shift+C'],
    where: 'app',
    run: (app) => app.library.current && app.openSheet('categories'),
  },
  {
    id: 'toggle-sidebar',
    group: 'app',
    keys: ['Ctrl+B'],
    where: 'app',
    run: (app) => app.menu('toggle-sidebar', false),
  },
  {
    id: 'toggle-inspector',
    group: 'app',
    keys: ['Ctrl+I'],
    where: 'app',
    run: (app) => app.menu('toggle-inspector', false),
  },
  {
    id: 'palette',
    group: 'app',
    keys: ['Ctrl+K'],
    where: 'app',
    run: (app) => app.openSheet('palette'),
  },
  {
    id: 'shortcuts',
    group: 'app',
    keys: ['?'],
    where: 'screens',
    run: (app) => app.openSheet(app.sheet === 'shortcuts' ? null : 'shortcuts'),
  },
];

/** Buttons, lists and sliders answer to these themselves. */
const controlKeys = /^(?:Shift\+)?(?:Enter|Space|Tab|Delete|Backspace|Home|End|Arrow\w+|Page\w+)$/;

/** Letters that are commands where pictures are decided about; every other letter can be a person's own for a category. */
export const reservedLetters: string = [
  ...new Set(commands.filter(({ where }) => where !== 'app').flatMap(({ keys }) => keys)),
]
  .filter((key) => /^[A-Z]$/.test(key))
  .sort()
  .join('');

/** The letter that labels with a category; null also when the app itself needs the one it has. */
export function ownLetter({ hotkey }: Pick<Category, 'hotkey'>): string | null {
  return hotkey !== null && reservedLetters.includes(hotkey) ? null : hotkey;
}

/** The category that a person's own letter means in this place. */
export function categoryFor(chord: string, context: KeyContext, categories: readonly Category[]): Category | undefined {
  if (!context.review || context.typing) return undefined;
  return categories.find((category) => ownLetter(category) === chord);
}

/** Where the keyboard is. */
export interface KeyContext {
  /** In a text field or a list that searches by letters. */
  typing: boolean;
  /** On a button, list or slider. */
  control: boolean;
  /** On the review screen. */
  review: boolean;
}

/** The command of a chord in this place, if any. */
export function commandFor(chord: string, { typing, control, review }: KeyContext): Command | undefined {
  const command = commands.find(({ keys }) => keys.includes(chord));
  if (!command || command.where === 'app') return command;
  if (typing || (control && controlKeys.test(chord))) return undefined;
  return command.where === 'screens' || review ? command : undefined;
}
