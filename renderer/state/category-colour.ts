/** @file The colour a person gave to a category, found by its name: rows know no more of their label. */
import type { Category } from '#core/category.ts';

/** Made once for each list of categories, since every cell of the grid asks. */
const known = new WeakMap<readonly Category[], ReadonlyMap<string, string>>();

/** @returns '#rrggbb'; null when the category has none */
export function colourOf(categories: readonly Category[], label: string | null): string | null {
  if (label === null) return null;
  let colours = known.get(categories);
  if (!colours) {
    colours = new Map(categories.flatMap(({ name, colour }) => (colour === null ? [] : [[name, colour] as const])));
    known.set(categories, colours);
  }
  return colours.get(label) ?? null;
}
