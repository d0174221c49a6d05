import { expect, test } from 'vitest';
import type { LearnState } from '#core/learn.ts';
import type { AppState } from '../../../renderer/state/app.svelte.ts';
import { Learning } from '../../../renderer/state/learn.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';

const fine: LearnState = {
  datasetId: 7,
  mode: 'extend',
  multiLabel: false,
  working: null,
  head: null,
  exampleCount: 0,
  categoryCount: 0,
  embeddedCount: 0,
  held: false,
  problem: null,
};

test('what goes wrong with learning in the background is said once, and again when it happens anew', async () => {
  const said: string[] = [];
  const text = { toast: { learnFailed: (reason: string) => `Not learned. ${reason}` } };
  const parts = {
    library: { currentId: 7 },
    language: { text, error: (code: string) => code },
    toasts: { error: (line: string) => said.push(line) },
    review: { refreshInPlace: () => {} },
  };
  let answer = fine;
  fakeBridge({ 'learn.state': () => answer });
  const learning = new Learning(parts as unknown as AppState);
  const failed: LearnState = { ...fine, problem: 'disk.full' };
  for (const state of [fine, failed, { ...failed, exampleCount: 3 }]) {
    answer = state;
    await learning.load(7);
  }
  expect(said).toEqual(['Not learned. disk.full']);

  for (const state of [fine, failed]) {
    answer = state;
    await learning.load(7);
  }
  expect(said).toHaveLength(2);
});
