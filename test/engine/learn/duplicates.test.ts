import { expect, test } from 'vitest';
import { duplicateGroups, duplicatesOf } from '../../../electron/engine/learn/duplicates.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';

const width = 64;
/** As in a library that was labeled before pictures had hashes. */
const noLooks = { rows: new Int32Array(), bits: new Uint16Array() };

/** Sets of three that are nearly the same, and between them pictures that are like nothing else. */
function pictures(sets: number, singles: number, noise: number) {
  const random = randomNumbers(5);
  const direction = () => Float32Array.from({ length: width }, () => random() + random() - 1);
  const rows: Float32Array[] = [];
  for (let set = 0; set < sets; set++) {
    const own = direction();
    for (let copy = 0; copy < 3; copy++) {
      const other = direction();
      // Some are longer than others: only where they point counts.
      rows.push(own.map((value, at) => (1 + copy) * (value + noise * other[at]!)));
    }
  }
  for (let single = 0; single < singles; single++) rows.push(direction());
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, at) => values.set(row, at * width));
  return {
    features: { values, rows: rows.length, width },
    lengths: Float32Array.from(rows, (row) => Math.hypot(...row)),
    imageIds: Int32Array.from(rows, (_, at) => at + 100),
  };
}

test('sets of nearly the same pictures are found among a thousand others, without one too many', async () => {
  await using multiplier = await openMultiplier();
  const groups = await duplicateGroups(pictures(100, 1000, 0.12), noLooks, multiplier);
  expect(groups).toEqual(Array.from({ length: 100 }, (_, set) => [0, 1, 2].map((copy) => 100 + set * 3 + copy)));
});

test('pictures that are only alike are no duplicates', async () => {
  await using multiplier = await openMultiplier();
  expect(await duplicateGroups(pictures(20, 20, 0.6), noLooks, multiplier)).toEqual([]);
});

test('of one picture those nearly the same are named, most alike first, itself not', async () => {
  await using multiplier = await openMultiplier();
  const all = pictures(3, 5, 0.12);
  const found = await duplicatesOf(all, noLooks, 0, multiplier);
  expect(found.toSorted()).toEqual([101, 102]);
  const cosine = (row: number) => {
    let product = 0;
    for (let at = 0; at < width; at++) product += all.features.values[at]! * all.features.values[row * width + at]!;
    return product / all.lengths[row]!;
  };
  expect(cosine(found[0]! - 100)).toBeGreaterThan(cosine(found[1]! - 100));
  expect(await duplicatesOf(all, noLooks, 10, multiplier)).toEqual([]);
});

test('copies whose embeddings only agree well are found by their hashes, unless the embeddings disagree', async () => {
  await using multiplier = await openMultiplier();
  // Three alike at a cosine of about 0.8, and singles that have nothing in common with them but a hash.
  const all = pictures(1, 20, 0.5);
  const bits = new Uint16Array(4 * 6);
  const rows = Int32Array.of(0, 1, 2, 3, 4, 5);
  for (let part = 0; part < 4; part++) for (let row = 0; row < 6; row++) bits[part * 6 + row] = 0x5a5a;
  // 2 bits of each part: as many as may differ.
  for (let part = 0; part < 4; part++) bits[part * 6 + 1]! ^= part === 0 ? 0b1 : part === 1 ? 0b111 : 0b11;
  // 10 bits.
  for (let part = 0; part < 4; part++) bits[part * 6 + 2]! ^= part < 2 ? 0b111_0000_0000 : 0b11_0000_0000;
  const looks = { rows, bits };

  expect(await duplicateGroups(all, noLooks, multiplier)).toEqual([]);
  expect(await duplicateGroups(all, looks, multiplier)).toEqual([[100, 101]]);
  expect(await duplicatesOf(all, looks, 0, multiplier)).toEqual([101]);
  expect(await duplicatesOf(all, looks, 2, multiplier)).toEqual([]);
  expect(await duplicatesOf(all, looks, 4, multiplier)).toEqual([]);
});

test('a search that nobody waits for any more ends', async () => {
  await using multiplier = await openMultiplier();
  const all = pictures(0, 30_000, 0);
  // All with the same hash, and no two alike: the longest there is to do.
  const looks = { rows: Int32Array.from({ length: 30_000 }, (_, row) => row), bits: new Uint16Array(4 * 30_000) };
  const ended = duplicateGroups(all, looks, multiplier, () => {
    throw new Error('Nobody waits');
  });
  await expect(ended).rejects.toThrow('Nobody waits');
});
