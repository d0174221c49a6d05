/** @file A series of drawn cards that teaches the keys of deciding; nothing of it is kept. */
import type { Messages } from '../messages/en.ts';

export type Card = keyof Messages['practice']['cards'];
export type Task = keyof Messages['practice']['tasks'];

export interface Lesson {
  task: Task;
  /** What is drawn; null: nothing. */
  drawing: Card | null;
  predictions: readonly [Card, Card, Card];
  /** Of the three, in [0, 1]. */
  scores: readonly [number, number, number];
  /** Keys that solve it, as `chordOf` names them. */
  keys: readonly string[];
  /** As the keycap reads. */
  shownKey: string;
}

export const lessons: readonly Lesson[] = [
  {
    task: 'accept',
    drawing: 'sun',
    predictions: ['sun', 'lamp', 'orange'],
    scores: [0.93, 0.04, 0.02],
    keys: ['A', 'Enter'],
    shownKey: 'A',
  },
  {
    task: 'choose',
    drawing: 'fish',
    predictions: ['shark', 'fish', 'boat'],
    scores: [0.48, 0.41, 0.06],
    keys: ['2'],
    shownKey: '2',
  },
  {
    task: 'find',
    drawing: 'house',
    predictions: ['tent', 'barn', 'church'],
    scores: [0.37, 0.29, 0.18],
    keys: ['/'],
    shownKey: '/',
  },
  {
    task: 'skip',
    drawing: null,
    predictions: ['fog', 'snow', 'cloud'],
    scores: [0.22, 0.2, 0.17],
    keys: ['X'],
    shownKey: 'X',
  },
  {
    task: 'unsure',
    drawing: 'apple',
    predictions: ['apple', 'tomato', 'plum'],
    scores: [0.46, 0.45, 0.05],
    keys: ['U'],
    shownKey: 'U',
  },
  {
    task: 'undo',
    drawing: 'apple',
    predictions: ['apple', 'tomato', 'plum'],
    scores: [0.46, 0.45, 0.05],
    keys: ['Z', 'Ctrl+Z'],
    shownKey: 'Z',
  },
];

/** What a key does to a lesson; `ignored` keys belong to the dialog. */
export function answerTo(lesson: Lesson, chord: string): 'right' | 'wrong' | 'ignored' {
  if (lesson.keys.includes(chord)) return 'right';
  return /^(?:[A-Z0-9/]|Enter)$/.test(chord) ? 'wrong' : 'ignored';
}

/** Whether what was typed names the card, in any of these words. */
export function namesCard(typed: string, words: readonly string[]): boolean {
  const wanted = typed.trim().toLocaleLowerCase();
  return words.some((word) => word.toLocaleLowerCase() === wanted);
}
