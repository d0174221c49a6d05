/** @file The keys of a person who decides picture after picture and takes some of it back, and what each of them means. */
import type { ReviewState } from '#core/image.ts';

/** The person's own letter, and the category it stands for. */
export const ownLetter = 'B';
export const ownCategory = 'label 7';
/** Decisions until another category is invented by typing. */
const typedEvery = 20;
/** At the end this many are taken back, and so many of them made again. */
const undone = 20;
const redone = 8;
export const keptBack = undone - redone;

export interface Expected {
  review: ReviewState;
  label: (predictions: readonly string[]) => string | null;
}

interface Stroke {
  keys: string[];
  expected: Expected;
}

/** Of Chromium's input; without a press of Shift alone, which a later key might overtake. */
interface KeyEvent {
  type: 'keyDown' | 'keyUp';
  key: string;
  code: string;
  windowsVirtualKeyCode: number;
  modifiers: number;
  text?: string;
}

const codes: Record<string, { code: string; virtual: number; text: string }> = {
  Enter: { code: 'Enter', virtual: 13, text: '\r' },
  ' ': { code: 'Space', virtual: 32, text: ' ' },
  '/': { code: 'Slash', virtual: 191, text: '/' },
};
const shift = 8;

/** A key going down and up. */
export function eventsOf(key: string): KeyEvent[] {
  const isDigit = /^[0-9]$/.test(key);
  const virtual = codes[key]?.virtual ?? key.toUpperCase().charCodeAt(0);
  const code = codes[key]?.code ?? `${isDigit ? 'Digit' : 'Key'}${key.toUpperCase()}`;
  const event = { key, code, windowsVirtualKeyCode: virtual, modifiers: /^[A-Z]$/.test(key) ? shift : 0 };
  return [
    { ...event, type: 'keyDown', text: codes[key]?.text ?? key },
    { ...event, type: 'keyUp' },
  ];
}

const nothing: Expected = { review: 'unreviewed', label: () => null };

function choose(digit: number): Stroke {
  return {
    keys: [String(digit)],
    expected: { review: 'corrected', label: (predictions) => predictions[digit - 1]! },
  };
}

export function strokeFor(index: number): Stroke {
  if (index % typedEvery === typedEvery - 1) {
    const name = `own ${index}`;
    return { keys: ['/', ...name, 'Enter'], expected: { review: 'corrected', label: () => name } };
  }
  const accepted: Expected = { review: 'accepted', label: ([first]) => first! };
  switch (index % 10) {
    case 1:
    case 2:
      return choose((index % 5) + 1);
    case 4:
      return choose(2);
    case 5:
      return { keys: ['x'], expected: { review: 'skipped', label: () => null } };
    case 6:
      return { keys: ['u'], expected: { review: 'unsure', label: () => null } };
    case 7:
      return { keys: [ownLetter.toLowerCase()], expected: { review: 'corrected', label: () => ownCategory } };
    case 8:
      return { keys: ['Enter'], expected: accepted };
    default:
      return { keys: ['a'], expected: accepted };
  }
}

/**
 * Undo, redo, and a digit at once after one more undo: it is about the picture that came back. At last a flag on the
 * one after it, which the engine has when it has everything.
 */
export const takingBack: readonly string[][] = [
  ...Array.from({ length: undone }, () => ['z']),
  ...Array.from({ length: redone }, () => ['Z']),
  ['z', '2', 'm'],
];

/** What becomes of a picture by the keys of the whole sitting. */
export function expectedOf(index: number, count: number): Expected {
  const last = count - keptBack - 1;
  if (index > last) return nothing;
  return index === last ? choose(2).expected : strokeFor(index).expected;
}
