/** @file Categories found by what is typed: their names first, then other words for them. */
import type { Category } from '#core/category.ts';

export interface FoundCategory {
  category: Category;
  /** The other word that was typed, when the name itself is not like it. */
  word: string | null;
}

/** How well a word fits: 0 the same, 1 and 2 begin so, 3 has it inside, -1 not at all. @param wanted  lower case */
function fit(word: string, wanted: string): number {
  const lower = word.toLocaleLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  if (lower.split(/[\s/_-]+/).some((part) => part.startsWith(wanted))) return 2;
  return lower.includes(wanted) ? 3 : -1;
}

/** Best first, at most `most`; with nothing typed the ones that most pictures count as. */
export function findCategories(
  categories: readonly Category[],
  words: ReadonlyMap<number, readonly string[]>,
  typed: string,
  most: number,
): FoundCategory[] {
  const wanted = typed.trim().toLocaleLowerCase();
  const byCount = (a: Category, b: Category) => b.imageCount - a.imageCount;
  if (!wanted) {
    return categories
      .toSorted(byCount)
      .slice(0, most)
      .map((category) => ({ category, word: null }));
  }
  const found: (FoundCategory & { rank: number })[] = [];
  for (const category of categories) {
    // A word says less than the name does: in a tie the name goes first.
    let best = { rank: fit(category.name, wanted), word: null as string | null };
    for (const word of words.get(category.id) ?? []) {
      const rank = fit(word, wanted);
      if (rank >= 0 && (best.rank < 0 || rank + 0.5 < best.rank)) best = { rank: rank + 0.5, word };
    }
    if (best.rank >= 0) found.push({ category, ...best });
  }
  return found
    .sort((a, b) => a.rank - b.rank || byCount(a.category, b.category))
    .slice(0, most)
    .map(({ category, word }) => ({ category, word }));
}

/** Whether `categoryId` is `ancestorId` or below it. */
export function isWithin(categories: readonly Category[], categoryId: number, ancestorId: number): boolean {
  const parents = new Map(categories.map(({ id, parentId }) => [id, parentId]));
  let at: number | null | undefined = categoryId;
  for (let steps = 0; at != null && steps <= parents.size; steps++) {
    if (at === ancestorId) return true;
    at = parents.get(at);
  }
  return false;
}
