/** @file Which pictures are for training, validation and testing: by category, by a seed, and never parting near duplicates. */
import { hash } from 'node:crypto';
import { splitNames, type Split, type SplitName } from '#core/export-options.ts';
import type { Breath, ExportSource } from './exporter.ts';
import { numberList, type NumberList } from './number-list.ts';

/** Of a picture, by its place among all of the source, from 0. */
export type SplitOf = (place: number) => SplitName | null;

/** Pictures that stay together, by number; a group of near duplicates, or one picture alone. */
interface Units {
  /** Of each picture. */
  ofPicture: NumberList;
  /** 32 bits, the same for the same seed and picture. */
  places: NumberList;
  /** Numbers of categories, in the order they come in. */
  categories: NumberList;
  categoryCount: number;
  /** How many pictures each has. */
  sizes: NumberList;
}

/** Steps between two breaths. */
const stepsAtOnce = 16 * 1024;

/**
 * Each category is divided by the shares as exactly as whole units allow. A picture counts for its first label; a group
 * of near duplicates for that of its first picture. Adding pictures moves few of the others.
 */
export function* splitPictures(source: ExportSource, split: Split): Generator<Breath, SplitOf> {
  const units = yield* findUnits(source, split.seed);
  const order = yield* sortUnits(units);
  const parts = new Uint8Array(order.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    const category = units.categories.at(order[start]!);
    let total = 0;
    for (; end < order.length && units.categories.at(order[end]!) === category; end++) {
      total += units.sizes.at(order[end]!);
      if (end % stepsAtOnce === 0) yield null;
    }
    const left = splitNames.map((name) => split[name] * total);
    for (let at = start; at < end; at++) {
      // The part that lacks most of its share gets the next unit.
      let most = 0;
      for (let part = 1; part < left.length; part++) if (left[part]! > left[most]!) most = part;
      left[most]! -= units.sizes.at(order[at]!);
      parts[order[at]!] = most;
      if (at % stepsAtOnce === 0) yield null;
    }
  }
  return (place) => splitNames[parts[units.ofPicture.at(place)]!]!;
}

function* findUnits(source: ExportSource, seed: number): Generator<Breath, Units> {
  const [ofPicture, places, categories, sizes] = [numberList(), numberList(), numberList(), numberList()];
  const numberOf = new Map<number | null, number>();
  const home = new Map<number, number>();
  let lastId: number | undefined;
  for (const { imageId, categoryId, fileName, source: folder } of source.rows({ ahead: true })) {
    // Of several labels the first counts.
    if (imageId === lastId) continue;
    lastId = imageId;
    const group = source.groupOf(imageId);
    const known = group === undefined ? undefined : home.get(group);
    if (known === undefined) {
      const unit = places.length;
      const category = numberOf.get(categoryId) ?? numberOf.size;
      numberOf.set(categoryId, category);
      ofPicture.push(unit);
      places.push(hash('sha256', `${seed}\0${folder}\0${fileName}`, 'buffer').readUInt32BE());
      categories.push(category);
      sizes.push(1);
      if (group !== undefined) home.set(group, unit);
    } else {
      ofPicture.push(known);
      sizes.set(known, sizes.at(known) + 1);
    }
    yield null;
  }
  return { ofPicture, places, categories, categoryCount: numberOf.size, sizes };
}

/** By category, then by place, then as they came: sorted by the last first, as each sorting keeps the order before. */
function* sortUnits({ places, categories, categoryCount }: Units) {
  let order = new Uint32Array(places.length);
  for (let unit = 0; unit < order.length; unit++) order[unit] = unit;
  order = yield* sortedBy(order, 0x10000, (unit) => places.at(unit) & 0xffff);
  order = yield* sortedBy(order, 0x10000, (unit) => places.at(unit) >>> 16);
  return yield* sortedBy(order, categoryCount, (unit) => categories.at(unit));
}

/** Counting sort. @param digit  in [0, digits) */
function* sortedBy(order: Uint32Array, digits: number, digit: (unit: number) => number) {
  const starts = new Uint32Array(digits + 1);
  for (let at = 0; at < order.length; at++) {
    starts[digit(order[at]!) + 1]!++;
    if (at % stepsAtOnce === 0) yield null;
  }
  for (let value = 0; value < digits; value++) starts[value + 1]! += starts[value]!;
  const sorted = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    sorted[starts[digit(order[at]!)]!++] = order[at]!;
    if (at % stepsAtOnce === 0) yield null;
  }
  return sorted;
}
