import { beforeEach, expect, test } from 'vitest';
import type { ImageGroup } from '#contract/learn-calls.ts';
import { AppError } from '#core/errors.ts';
import type { AppState } from '../../../renderer/state/app.svelte.ts';
import { Groups } from '../../../renderer/state/groups.svelte.ts';
import { fakeBridge, type FakeBridge } from '../support/bridge.ts';

const cluster = (categoryId: number, category: string, imageIds: number[], doubtfulIds: number[] = []): ImageGroup => ({
  kind: 'clusters',
  categoryId,
  category,
  imageIds,
  doubtfulIds,
  rows: [],
  doubtfulRows: [],
});
const cups = cluster(1, 'cup', [11, 12, 13], [19]);
const dogs = cluster(2, 'dog', [21, 22]);

let bridge: FakeBridge;
let said: string[];
let groups: Groups;

/** The parts of the app that groups reach for. */
function surroundings(): AppState {
  const text = {
    groups: { labeled: (count: number, name: string) => `${count} ${name}`, undecided: 'undecided' },
    action: { undo: 'Undo' },
  };
  const parts = {
    library: { currentId: 7 },
    learning: { version: 1 },
    language: { text },
    toasts: { show: (line: string) => said.push(line) },
    review: { details: { expire: () => {} }, rows: { expire: () => {} } },
    decisions: { undo: () => Promise.resolve() },
    report: (thrown: unknown) => said.push(AppError.from(thrown).code),
    async attempt(work: () => Promise<unknown>) {
      await work().catch((thrown: unknown) => said.push(AppError.from(thrown).code));
    },
  };
  return parts as unknown as AppState;
}

beforeEach(async () => {
  said = [];
  bridge = fakeBridge({
    'groups.list': ({ offset }) => ({ total: 2, groups: [cups, dogs].slice(offset) }),
    'review.decide': ({ target }) => ({
      kind: 'label',
      changed: 'imageIds' in target ? target.imageIds.length : 0,
      imageIds: [],
      category: 'cup',
    }),
  });
  groups = new Groups(surroundings());
  await groups.open('clusters');
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('an accepted block leaves before the engine answers, and its doubtful pictures are not decided', async () => {
  groups.accept(groups.shown[0]!);

  expect(groups.shown).toEqual([dogs]);
  await settled();
  expect(bridge.called('review.decide')).toEqual([
    { datasetId: 7, target: { imageIds: [11, 12, 13] }, action: { kind: 'label', categoryId: 1 } },
  ]);
  expect(said).toEqual(['3 cup']);
});

test('a block that could not be stored comes back', async () => {
  bridge.answers['review.decide'] = () => {
    throw new AppError('disk.full', 'No space is left');
  };
  groups.accept(groups.shown[0]!);
  await settled();

  expect(groups.shown).toEqual([cups, dogs]);
  expect(said).toEqual(['disk.full']);
});

test('undo brings an accepted block back', async () => {
  groups.accept(groups.shown[0]!);
  groups.undo();
  await settled();

  expect(groups.shown).toEqual([cups, dogs]);
});

test('a block that is left hides until it is asked for, and nothing is decided', () => {
  groups.leave(groups.shown[0]!);
  expect(groups.shown).toEqual([dogs]);
  expect(groups.leftCount).toBe(1);

  groups.showLeft();
  expect(groups.shown).toEqual([cups, dogs]);
  expect(bridge.called('review.decide')).toEqual([]);
});

test('of duplicates nobody decided, with no label, nothing is accepted', async () => {
  const unknown: ImageGroup = { ...cluster(0, '', [31, 32]), kind: 'duplicates', categoryId: null, category: null };
  groups.accept(unknown);
  await settled();

  expect(said).toEqual(['undecided']);
  expect(bridge.called('review.decide')).toEqual([]);
});
