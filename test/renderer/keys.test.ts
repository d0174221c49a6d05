import { expect, test } from 'vitest';
import { categoryFor, commandFor, commands, ownLetter, reservedLetters } from '../../renderer/commands.ts';
import { chordOf } from '../../renderer/keys.ts';
import { en } from '../../renderer/messages/en.ts';

const grid = { typing: false, control: false, review: true };

function press(key: string, modifiers: Partial<Parameters<typeof chordOf>[0]> = {}) {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '';
  return chordOf({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers });
}

test('no key leads to two commands', () => {
  const keys = commands.flatMap((command) => command.keys);

  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test('every command has a name', () => {
  expect(commands.map(({ id }) => id).sort()).toEqual(Object.keys(en.command).sort());
});

test('presses are named by what is printed on the key', () => {
  expect([press('z'), press('Z', { shiftKey: true }), press('z', { ctrlKey: true })]).toEqual([
    'Z',
    'Shift+Z',
    'Ctrl+Z',
  ]);
  expect([press(' '), press('?', { shiftKey: true }), press('ArrowUp', { shiftKey: true })]).toEqual([
    'Space',
    '?',
    'Shift+ArrowUp',
  ]);
});

test('letters work on keyboards that have other letters there', () => {
  expect(press('ф', { code: 'KeyA' })).toBe('A');
});

test('a modifier alone and an input method at work are no chord', () => {
  expect([press('Shift'), press('Process')]).toEqual([null, null]);
});

test('while typing only chords act that no text needs', () => {
  const typing = { ...grid, typing: true };

  expect(['A', '1', 'X', 'Z', '?', 'Enter', 'Ctrl+A', 'Ctrl+Z'].map((chord) => commandFor(chord, typing))).toEqual(
    Array(8).fill(undefined),
  );
  expect(commandFor('Ctrl+B', typing)?.id).toBe('toggle-sidebar');
});

test('a button keeps Enter and Space, and lets letters through', () => {
  const control = { ...grid, control: true };

  expect([commandFor('Enter', control), commandFor('Space', control), commandFor('Tab', control)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(commandFor('A', control)?.id).toBe('accept');
});

test('decisions are made on the review screen only', () => {
  expect(commandFor('A', { ...grid, review: false })).toBeUndefined();
  expect(commandFor('Ctrl+O', { ...grid, review: false })?.id).toBe('open-folder');
});

const moth = { id: 7, name: 'moth', supercategory: '', parentId: null, grouping: false, wordnetId: null };
const rest = { colour: null, threshold: null, imageCount: 0, decidedCount: 0 };

test("a person's own letter labels on the review screen, and not while typing", () => {
  const categories = [{ ...moth, ...rest, hotkey: 'K' }];

  expect(categoryFor('K', grid, categories)?.id).toBe(7);
  expect(['Q', 'Ctrl+K'].map((chord) => categoryFor(chord, grid, categories))).toEqual([undefined, undefined]);
  expect(categoryFor('K', { ...grid, typing: true }, categories)).toBeUndefined();
  expect(categoryFor('K', { ...grid, review: false }, categories)).toBeUndefined();
});

test("no letter of a person's own hides a command", () => {
  const letters = Array.from({ length: 26 }, (_, place) => String.fromCharCode(65 + place));
  const ofCommands = letters.filter((letter) => commandFor(letter, grid));
  const own = letters.filter((letter) => categoryFor(letter, grid, [{ ...moth, ...rest, hotkey: letter }]));

  expect([...reservedLetters]).toEqual(ofCommands);
  expect(reservedLetters).toMatch(/M.*N.*R/);
  expect([...ofCommands, ...own].sort()).toEqual(letters);
  expect(ownLetter({ hotkey: 'R' })).toBeNull();
  expect(ownLetter({ hotkey: 'K' })).toBe('K');
});
