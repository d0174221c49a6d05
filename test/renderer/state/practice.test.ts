import { expect, test } from 'vitest';
import { commandFor } from '../../../renderer/commands.ts';
import { en } from '../../../renderer/messages/en.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';
import { answerTo, lessons, namesCard } from '../../../renderer/state/practice.ts';

const grid = { typing: false, control: false, review: true };

test('every lesson teaches the key that does it in review', () => {
  const meant = lessons.map(({ keys }) => [...new Set(keys.map((key) => commandFor(key, grid)?.id))]);

  expect(meant).toEqual([['accept'], ['choose'], ['focus-category'], ['skip'], ['unsure'], ['undo']]);
});

test('each lesson is of one kind, and the task fits the predictions shown', () => {
  const byTask = Object.fromEntries(lessons.map((lesson) => [lesson.task, lesson]));

  expect(Object.keys(byTask)).toEqual(Object.keys(en.practice.tasks));
  expect(byTask['accept']!.predictions[0]).toBe(byTask['accept']!.drawing);
  expect(byTask['choose']!.predictions[Number(byTask['choose']!.shownKey) - 1]).toBe(byTask['choose']!.drawing);
  expect(byTask['find']!.predictions).not.toContain(byTask['find']!.drawing);
  for (const { scores } of lessons) expect(scores.reduce((sum, score) => sum + score)).toBeLessThanOrEqual(1);
});

test('the right key solves a lesson, another one is told so, and keys of the dialog stay its own', () => {
  const [accept] = lessons;

  expect(['A', 'X', '3', 'Tab', 'Escape', 'Ctrl+C', 'Space'].map((chord) => answerTo(accept!, chord))).toEqual([
    'right',
    'wrong',
    'wrong',
    'ignored',
    'ignored',
    'ignored',
    'ignored',
  ]);
});

test('a card is named in either language, in any case', () => {
  const words = [en.practice.cards.house, zhCn.practice.cards.house];

  expect(['house', ' House ', '房子', 'hous', ''].map((typed) => namesCard(typed, words))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
