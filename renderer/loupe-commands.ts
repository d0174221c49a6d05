/** @file Commands of the large picture; a part of the one table of commands. */
import type { Command } from './commands.ts';
import { zoomFactor } from './state/zoom.ts';

export const loupeCommands: readonly Command[] = [
  // On many keyboards '+' stands above '=', and is meant when Shift is not held.
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
