/** @file Which places of a fixed list are selected: sorted ranges, so that a million cost nothing. */

/** Sorted, disjoint, not touching; `to` is exclusive. */
export type Ranges = readonly { readonly from: number; readonly to: number }[];

export const nothing: Ranges = [];

export function range(from: number, to: number): Ranges {
  return to > from ? [{ from, to }] : nothing;
}

/** From one place to another, ends included, in either order. */
export function span(anchor: number, focus: number): Ranges {
  return range(Math.min(anchor, focus), Math.max(anchor, focus) + 1);
}

export function contains(ranges: Ranges, index: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { from, to } = ranges[middle]!;
    if (index < from) high = middle - 1;
    else if (index >= to) low = middle + 1;
    else return true;
  }
  return false;
}

export function count(ranges: Ranges): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

export function union(left: Ranges, right: Ranges): Ranges {
  const sorted = [...left, ...right].sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** Add the place, or take it out. */
export function toggle(ranges: Ranges, index: number): Ranges {
  if (!contains(ranges, index)) return union(ranges, range(index, index + 1));
  return ranges.flatMap(({ from, to }) =>
    index < from || index >= to ? [{ from, to }] : [...range(from, index), ...range(index + 1, to)],
  );
}

/** Every place, in order. */
export function* places(ranges: Ranges): Generator<number> {
  for (const { from, to } of ranges) for (let index = from; index < to; index++) yield index;
}
