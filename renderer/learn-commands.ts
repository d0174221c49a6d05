/** @file Commands of learning and of looking together; a part of the one table of commands. */
import type { Command } from './commands.ts';

export const learnCommands: readonly Command[] = [
  { id: 'groups', group: 'find', keys: ['G'], where: 'screens', run: (app) => app.show('groups') },
  { id: 'similar', group: 'find', keys: ['Shift+S'], where: 'review', run: ({ learning }) => learning.openSimilar() },
  { id: 'why', group: 'find', keys: ['W'], where: 'review', run: ({ learning }) => learning.explain.toggle() },
  {
    id: 'spread',
    group: 'decide',
    keys: ['D'],
    where: 'review',
    run: (app) => app.attempt(() => app.learning.spread.apply()),
  },
];
