import { beforeEach, expect, test } from 'vitest';
import type { ReviewState as Reviewed } from '#core/image.ts';
import { en } from '../../../renderer/messages/en.ts';
import { advanceModeOf, type AdvanceMode } from '../../../renderer/state/advance.ts';
import { Decisions } from '../../../renderer/state/decisions.svelte.ts';
import { range } from '../../../renderer/state/selection.ts';
import { fakeBridge, type FakeBridge } from '../support/bridge.ts';

let bridge: FakeBridge;
let mode: AdvanceMode;
let said: string[];

beforeEach(() => {
  said = [];
  bridge = fakeBridge({
    'review.decide': () => ({ kind: 'skip', changed: 1, imageIds: [], category: null }),
    'review.undo': () => ({ kind: 'skip', changed: 1, imageIds: [100], category: null }),
  });
});

/** A list with these states; rows from `known` on are not at hand. @param next  what the engine finds beyond them */
function decisionsAbout(states: Reviewed[], known = states.length, next = -1) {
  const row = (index: number) =>
    index < known && states[index] ? { id: 100 + index, review: states[index], label: 'cup' } : undefined;
  const nothing = () => undefined;
  const review = {
    datasetId: 7,
    viewId: 1,
    total: states.length,
    focus: 0,
    touch: nothing,
    get focused() {
      return row(review.focus);
    },
    get target() {
      return range(review.focus, review.focus + 1);
    },
    focusAt: (index: number) => (review.focus = index),
    goTo: (imageId: number) => {
      review.focus = imageId - 100;
      return Promise.resolve();
    },
    nextUnreviewed: () => {
      bridge.calls.push({ name: 'next', input: review.focus });
      if (next >= 0) review.focus = next;
      return Promise.resolve(next >= 0);
    },
    rows: {
      at: row,
      ids: () => Promise.resolve([100 + review.focus]),
      edit: () => nothing,
      expire: nothing,
      refresh: nothing,
    },
    details: { expire: nothing, prefetch: nothing, get: nothing, edit: nothing },
  };
  const decisions = new Decisions({
    review,
    toasts: { show: (text: string) => said.push(text), announce: nothing },
    language: { text: en },
    autoAdvance: () => mode,
    multiLabel: () => false,
    categoryName: () => null,
    labeled: nothing,
    stepped: nothing,
    onError: (thrown: unknown) => said.push(String(thrown)),
  } as unknown as ConstructorParameters<typeof Decisions>[0]);
  return { decisions, review };
}

test('what earlier versions stored is still understood', () => {
  expect([true, false, undefined, null, 'next-unreviewed', 'off', 'sideways'].map(advanceModeOf)).toEqual([
    'next',
    'off',
    'next',
    'next',
    'next-unreviewed',
    'off',
    'next',
  ]);
});

test.each([
  ['off', 0],
  ['next', 1],
  ['next-unreviewed', 2],
] as const)('%s: after a decision the focus is at once where it belongs', (wanted, place) => {
  mode = wanted;
  const { decisions, review } = decisionsAbout(['unreviewed', 'accepted', 'unreviewed', 'unreviewed']);

  void decisions.decide({ kind: 'skip' });

  expect(review.focus).toBe(place);
});

test('beyond the rows at hand the engine is asked, after it has the decision, and keys wait for the answer', async () => {
  mode = 'next-unreviewed';
  const { decisions, review } = decisionsAbout(Array<Reviewed>(500).fill('accepted'), 3, 400);

  const first = decisions.decide({ kind: 'skip' });
  const second = decisions.decide({ kind: 'skip' });
  await Promise.all([first, second]);

  expect(bridge.calls.map(({ name }) => name).slice(0, 3)).toEqual(['review.decide', 'next', 'review.decide']);
  expect(bridge.called('review.decide')).toMatchObject([
    { target: { imageIds: [100] } },
    { target: { imageIds: [500] } },
  ]);
  expect(review.focus).toBe(400);
});

test('when nothing is left to review it says so and stays', async () => {
  mode = 'next-unreviewed';
  const { decisions, review } = decisionsAbout(['unreviewed', 'accepted']);

  await decisions.decide({ kind: 'skip' });
  await new Promise((resolve) => setTimeout(resolve, 20));

  expect([review.focus, said]).toEqual([0, [en.toast.allReviewed]]);
});

test('keys after undo wait for the picture that comes back, whatever they do', async () => {
  mode = 'next';
  const { decisions } = decisionsAbout(Array<Reviewed>(10).fill('unreviewed'));
  const row = () => ({ from: 0, to: 1 });

  await Promise.all([
    decisions.decide({ kind: 'skip' }),
    decisions.undo(),
    decisions.toggleFlag(),
    decisions.decide({ kind: 'unsure' }),
    decisions.undo(),
    decisions.acceptUnreviewed(row),
  ]);

  expect(bridge.calls.map(({ name }) => name)).toEqual([
    'review.decide',
    'review.undo',
    'review.decide',
    'review.decide',
    'review.undo',
    'review.decide',
  ]);
  expect(bridge.called('review.decide')).toMatchObject([
    { target: { imageIds: [100] }, action: { kind: 'skip' } },
    { target: { imageIds: [100] }, action: { kind: 'flag' } },
    { target: { imageIds: [100] }, action: { kind: 'unsure' } },
    { target: { imageIds: [100] }, action: { kind: 'accept' } },
  ]);
});

test('undo waits for the decision before it when that one waits itself', async () => {
  mode = 'next-unreviewed';
  const { decisions } = decisionsAbout(Array<Reviewed>(500).fill('accepted'), 3, 400);

  await Promise.all([decisions.decide({ kind: 'skip' }), decisions.decide({ kind: 'unsure' }), decisions.undo()]);

  expect(bridge.calls.map(({ name }) => name).filter((name) => name !== 'next')).toEqual([
    'review.decide',
    'review.decide',
    'review.undo',
  ]);
});
