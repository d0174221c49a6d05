import { expect, test } from 'vitest';
import { readIds } from '../../../electron/engine/store/id-list.ts';
import { openTurns } from '../../../electron/engine/store/turns.ts';

function* pieces(count: number, events: string[] = []): Generator<number[]> {
  try {
    for (let id = 1; id <= count; id += 100)
      yield Array.from({ length: Math.min(100, count - id + 1) }, (_, at) => id + at);
  } finally {
    events.push('returned');
  }
}

function list(count: number, source: Generator<number[]> = pieces(count), events: string[] = []) {
  return readIds({ pieces: source, total: Promise.resolve(count), ended: () => events.push('ended') }, openTurns());
}

test('the first ids are there at once, the rest when it is waited for', async () => {
  const events: string[] = [];
  const ids = list(100_000, pieces(100_000, events), events);
  expect((await ids.upTo(10)).subarray(0, 3)).toEqual(Int32Array.of(1, 2, 3));
  expect(events).toEqual([]);

  const all = await ids.upTo(Infinity);
  expect(all).toHaveLength(100_000);
  expect(all.at(-1)).toBe(100_000);
  expect(events).toEqual(['returned', 'ended']);
});

test('closing ends the source and whoever waits', async () => {
  const events: string[] = [];
  const ids = list(100_000, pieces(100_000, events), events);
  const waiting = expect(ids.upTo(Infinity)).rejects.toMatchObject({ code: 'not-found' });
  ids.close();
  ids.close();

  await waiting;
  expect(events).toEqual(['returned', 'ended']);
  await expect(ids.upTo(1)).rejects.toMatchObject({ code: 'not-found' });
});

test('a source that fails later fails whoever waits, also for the total', async () => {
  function* failing(): Generator<number[]> {
    yield* pieces(600);
    throw new Error('The disk is gone');
  }
  const events: string[] = [];
  const total = new Promise<number>(() => {});
  const ids = readIds({ pieces: failing(), total, ended: () => events.push('ended') }, openTurns());

  await expect(ids.upTo(Infinity)).rejects.toThrow('The disk is gone');
  await expect(ids.total()).rejects.toThrow('The disk is gone');
  expect(events).toEqual(['ended']);
});

test('who asked last has the next turn', async () => {
  const turn = openTurns();
  const order: string[] = [];
  await Promise.all(['first', 'second', 'third'].map((name) => turn().then(() => order.push(name))));

  expect(order).toEqual(['third', 'second', 'first']);
});
