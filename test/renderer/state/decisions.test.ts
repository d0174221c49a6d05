import { beforeEach, expect, test } from 'vitest';
import type { ImageDetail, ImageRow } from '#core/image.ts';
import { en } from '../../../renderer/messages/en.ts';
import { Decisions } from '../../../renderer/state/decisions.svelte.ts';
import { ReviewState } from '../../../renderer/state/review.svelte.ts';
import { fakeBridge, type FakeBridge } from '../support/bridge.ts';

const rows = [11, 12, 13].map((id): ImageRow => ({
  id,
  token: String(id),
  version: '1',
  name: `${id}.jpg`,
  status: 'done',
  errorCode: null,
  review: 'unreviewed',
  label: 'cat',
  decided: false,
  score: 0.9,
  margin: 0.5,
  moreLabels: 0,
  flagged: false,
  hasNote: false,
  parent: null,
}));
const detailOf = (id: number) =>
  ({
    ...rows.find((row) => row.id === id)!,
    note: '',
    annotations: [],
    predictions: [{ rank: 1, categoryId: 5, category: 'cat', score: 0.9 }],
  }) as unknown as ImageDetail;

let bridge: FakeBridge;
let review: ReviewState;
let decisions: Decisions;
const errors: unknown[] = [];

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(async () => {
  errors.length = 0;
  bridge = fakeBridge({
    'view.open': () => ({ viewId: 3, total: rows.length }),
    'view.rows': ({ from, count }) => rows.slice(from, from + count),
    'image.get': ({ imageId }) => detailOf(imageId),
    'review.decide': ({ action }) => ({ kind: action.kind as 'label', changed: 1, imageIds: [], category: 'cat' }),
  });
  review = new ReviewState({ dataset: () => null, learned: () => 0, onError: (thrown) => errors.push(thrown) });
  await review.openDataset(7);
  review.rows.want(0, rows.length);
  await settled();
  decisions = new Decisions({
    review,
    toasts: { show: () => undefined, announce: () => undefined } as never,
    language: { text: en } as never,
    autoAdvance: () => 'next',
    multiLabel: () => false,
    stepped: () => undefined,
    labeled: () => undefined,
    categoryName: () => 'cat',
    onError: (thrown) => errors.push(thrown),
  });
});

test('a note written while a digit waits for its predictions stays with its picture', async () => {
  const chosen = decisions.choose(1);
  const written = decisions.write('ask Ana');
  await Promise.all([chosen, written]);
  await settled();

  expect(errors).toEqual([]);
  expect(review.focus).toBe(1);
  const about = bridge.called('review.decide') as { target: { imageIds: number[] }; action: { kind: string } }[];
  expect(about.map(({ target, action }) => [action.kind, target.imageIds])).toEqual([
    ['note', [11]],
    ['label', [11]],
  ]);
});

test('deciding one picture asks again for that picture alone', async () => {
  for (const { id } of rows) await review.details.fetch(id);
  bridge.calls.length = 0;

  await decisions.decide({ kind: 'accept' });
  await settled();
  for (const { id } of rows) await review.details.fetch(id);

  expect(bridge.called('image.get')).toEqual([{ imageId: 11 }]);
  expect(errors).toEqual([]);
});

test('what is asked for before a decision and answered after it is asked for again', async () => {
  const late = Promise.withResolvers<ImageDetail>();
  bridge.answers['image.get'] = () => late.promise;
  const asked = review.details.fetch(11);
  await decisions.decide({ kind: 'accept' });
  late.resolve({ ...detailOf(11), note: 'old' });
  await asked;
  bridge.answers['image.get'] = ({ imageId }) => ({ ...detailOf(imageId), note: 'new' });
  await review.details.fetch(11);

  expect(review.details.get(11)?.note).toBe('new');
});
