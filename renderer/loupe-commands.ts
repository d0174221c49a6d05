/** @file Commands of the large picture; a part of the one table of commands. */
import type { Command } from './commands.ts';

/** Of one press. */
const zoomFactor = 1.5;

export const loupeCommands: readonly Command[] = [
  // The sign above '=' is typed without Shift on many keyboards when it is meant.
  { id: 'zoom-in', group: 'move', keys: ['+', '='], where: 'review', run: ({ loupe }) => loupe.zoomBy(zoomFactor) },
  { id: 'zoom-out', group: 'move', keys: ['-'], where: 'review', run: ({ loupe }) => loupe.zoomBy(1 / zoomFactor) },
  { id: 'zoom-fit', group: 'move', keys: ['0'], where: 'review', run: ({ loupe }) => loupe.fit() },
  {
    id: 'rotate',
    group: 'move',
    keys: ['R', 'Shift+R'],
    where: 'review',
    run: ({ loupe }, chord) => loupe.turn(chord === 'R' ? 1 : -1),
  },
];
