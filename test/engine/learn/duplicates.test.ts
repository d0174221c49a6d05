import { expect, test } from 'vitest';
import { duplicateGroups, duplicatesOf } from '../../../electron/engine/learn/duplicates.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';

const width = 64;

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
  const groups = await duplicateGroups(pictures(100, 1000, 0.12), multiplier);
  expect(groups).toEqual(Array.from({ length: 100 }, (_, set) => [0, 1, 2].map((copy) => 100 + set * 3 + copy)));
});

test('pictures that are only alike are no duplicates', async () => {
  await using multiplier = await openMultiplier();
  expect(await duplicateGroups(pictures(20, 20, 0.6), multiplier)).toEqual([]);
});

test('of one picture those nearly the same are named, most alike first, itself not', async () => {
  await using multiplier = await openMultiplier();
  const all = pictures(3, 5, 0.12);
  const found = await duplicatesOf(all, 0, multiplier);
  expect(found.toSorted()).toEqual([101, 102]);
  const cosine = (row: number) => {
    let product = 0;
    for (let at = 0; at < width; at++) product += all.features.values[at]! * all.features.values[row * width + at]!;
    return product / all.lengths[row]!;
  };
  expect(cosine(found[0]! - 100)).toBeGreaterThan(cosine(found[1]! - 100));
  expect(await duplicatesOf(all, 10, multiplier)).toEqual([]);
});
