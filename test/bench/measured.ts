/** @file What one measurement gives, and how several become one figure. */

export interface Measured {
  images: number;
  seconds: number;
  /** User and system time of all threads and children; null where the system does not tell. */
  cpuSeconds: number | null;
}

/** The middle of several figures, with the smallest and the largest. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** 'cpu' is processor time, which other programs disturb little; 'wall' is what a person waits. */
export type Cost = 'cpu' | 'wall';

/** Every subject measured once, one soon after the other. */
export type Pass<Subject extends string> = Partial<Record<Subject, Measured>>;

/** @returns null for no values */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Milliseconds for one picture. */
export function costOf({ images, seconds, cpuSeconds }: Measured, cost: Cost): number | null {
  const total = cost === 'cpu' ? cpuSeconds : seconds;
  return total === null || images === 0 ? null : (total / images) * 1000;
}

/** Milliseconds for one picture, over all passes. */
export function costs<Subject extends string>(
  passes: readonly Pass<Subject>[],
  subject: Subject,
  cost: Cost,
): Spread | null {
  return spreadOf(passes.map((pass) => costIn(pass, subject, cost)).filter((value) => value !== null));
}

/**
 * How many times less `ours` costs than `theirs`: the middle of what the single passes say, because only what was measured
 * at about the same time can be compared on a machine that does other things too.
 *
 * @param theirs  several are added up: the parts of a whole
 * @returns null where one of them was not measured
 */
export function timesCheaper<Subject extends string>(
  passes: readonly Pass<Subject>[],
  ours: Subject,
  theirs: Subject | readonly Subject[],
  cost: Cost,
): Spread | null {
  const parts = typeof theirs === 'string' ? [theirs] : theirs;
  const ratios = passes.flatMap((pass) => {
    const own = costIn(pass, ours, cost);
    const others = parts.map((part) => costIn(pass, part, cost));
    if (own === null || own === 0 || others.includes(null)) return [];
    return [others.reduce<number>((sum, value) => sum + value!, 0) / own];
  });
  return spreadOf(ratios);
}

function costIn<Subject extends string>(pass: Pass<Subject>, subject: Subject, cost: Cost): number | null {
  const measured = pass[subject];
  return measured ? costOf(measured, cost) : null;
}

/** 2 becomes a half, and the smallest the largest. */
export function inverse(spread: Spread | null): Spread | null {
  return spread && { median: 1 / spread.median, min: 1 / spread.max, max: 1 / spread.min };
}

export interface Patience {
  passes: number;
  /** No pass begins that would end later; the first one always does. */
  seconds: number;
}

/**
 * Measure all subjects in turn, there and back: A B C, C B A, A B C, … What slows the machine meanwhile then slows all
 * alike.
 *
 * @param subjects  null for what is not there
 */
export async function interleave<Subject extends string>(
  subjects: Record<Subject, (() => Promise<Measured>) | null>,
  { passes: passCount, seconds }: Patience,
): Promise<Pass<Subject>[]> {
  const there = (Object.entries(subjects) as [Subject, (() => Promise<Measured>) | null][]).flatMap(
    ([subject, measure]) => (measure ? [{ subject, measure }] : []),
  );
  const startedMs = performance.now();
  const passes: Pass<Subject>[] = [];
  while (passes.length < passCount) {
    const pass: Pass<Subject> = {};
    for (const { subject, measure } of passes.length % 2 === 0 ? there : there.toReversed()) {
      pass[subject] = await measure();
    }
    passes.push(pass);
    const elapsed = (performance.now() - startedMs) / 1000;
    if (elapsed * (1 + 1 / passes.length) > seconds) break;
  }
  return passes;
}
