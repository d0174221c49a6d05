/** @file Which pictures are for training, validation and testing: by category, by a seed, and never parting near duplicates. */
import { createHash } from 'node:crypto';
import { splitNames, type Split, type SplitName } from '#core/export-options.ts';
import type { ExportSource } from './exporter.ts';

/** Pictures that stay together. */
interface Unit {
  /** In [0, 1), the same for the same seed and picture. */
  place: number;
  imageIds: number[];
}

/**
 * Each category is divided by the shares as exactly as whole units allow. A picture counts for its first label; a group
 * of near duplicates for that of its first picture. Adding pictures moves few of the others.
 *
 * @returns  by image id, for every picture of the source
 */
export function splitPictures(source: ExportSource, split: Split): Map<number, SplitName> {
  const categories = new Map<number | null, Map<string, Unit>>();
  const home = new Map<number, Unit>();
  for (const { imageId, categoryId, fileName, source: folder, rank } of source.rows({ ahead: true })) {
    if (rank !== null && rank > 1) continue;
    const group = source.groupOf(imageId);
    const known = group === undefined ? undefined : home.get(group);
    if (known) {
      known.imageIds.push(imageId);
      continue;
    }
    const units = categories.get(categoryId) ?? new Map<string, Unit>();
    categories.set(categoryId, units);
    const key = `${folder}\0${fileName}`;
    const unit = units.get(key) ?? { place: placeOf(key, split.seed), imageIds: [] };
    unit.imageIds.push(imageId);
    units.set(key, unit);
    if (group !== undefined) home.set(group, unit);
  }
  const result = new Map<number, SplitName>();
  for (const units of categories.values()) allot([...units.values()], split, result);
  return result;
}

/** The part that lacks most of its share gets the next unit. */
function allot(units: readonly Unit[], split: Split, result: Map<number, SplitName>): void {
  const total = units.reduce((sum, { imageIds }) => sum + imageIds.length, 0);
  const left = new Map(splitNames.map((name) => [name, split[name] * total]));
  for (const { imageIds } of units.toSorted((a, b) => a.place - b.place)) {
    const name = [...left].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
    left.set(name, left.get(name)! - imageIds.length);
    for (const imageId of imageIds) result.set(imageId, name);
  }
}

function placeOf(key: string, seed: number): number {
  return createHash('sha256').update(`${seed}\0${key}`).digest().readUInt32BE() / 2 ** 32;
}
