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

/** Of every subject, its measurements in one round. */
export type Round<Subject extends string> = Partial<Record<Subject, Measured[]>>;

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

/** Milliseconds for one picture, over all rounds. */
export function costs<Subject extends string>(
  rounds: readonly Round<Subject>[],
  subject: Subject,
  cost: Cost,
): Spread | null {
  return spreadOf(rounds.flatMap((round) => perImage(round[subject] ?? [], cost)));
}

/**
 * How many times less `ours` costs than `theirs`: the middle of what the single rounds say, because only what was measured
 * at about the same time can be compared on a machine that does other things too.
 *
 * @param theirs  several are added up: the parts of a whole
 * @returns null where one of them was not measured
 */
export function timesCheaper<Subject extends string>(
  rounds: readonly Round<Subject>[],
  ours: Subject,
  theirs: Subject | readonly Subject[],
  cost: Cost,
): Spread | null {
  const parts = typeof theirs === 'string' ? [theirs] : theirs;
  const ratios = rounds.flatMap((round) => {
    const own = mean(perImage(round[ours] ?? [], cost));
    const other = parts.map((part) => mean(perImage(round[part] ?? [], cost)));
    if (own === null || own === 0 || other.includes(null)) return [];
    return [other.reduce<number>((sum, value) => sum + value!, 0) / own];
  });
  return spreadOf(ratios);
}

/** 2 becomes a half, and the smallest the largest. */
export function inverse(spread: Spread | null): Spread | null {
  return spread && { median: 1 / spread.median, min: 1 / spread.max, max: 1 / spread.min };
}

function perImage(measured: readonly Measured[], cost: Cost): number[] {
  return measured.map((one) => costOf(one, cost)).filter((value) => value !== null);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Patience {
  rounds: number;
  /** No round begins that would end later; the first one always does. */
  seconds: number;
}

/**
 * Measure all subjects in turn, there and back: A B C C B A. A machine that becomes slower meanwhile then slows all alike.
 *
 * @param subjects  null for what is not there
 */
export async function interleave<Subject extends string>(
  subjects: Record<Subject, (() => Promise<Measured>) | null>,
  { rounds: roundCount, seconds }: Patience,
): Promise<Round<Subject>[]> {
  const there = (Object.entries(subjects) as [Subject, (() => Promise<Measured>) | null][]).flatMap(
    ([subject, measure]) => (measure ? [{ subject, measure }] : []),
  );
  const startedMs = performance.now();
  const rounds: Round<Subject>[] = [];
  while (rounds.length < roundCount) {
    const round: Round<Subject> = {};
    for (const { subject, measure } of [...there, ...there.toReversed()]) {
      (round[subject] ??= []).push(await measure());
    }
    rounds.push(round);
    const elapsed = (performance.now() - startedMs) / 1000;
    if (elapsed * (1 + 1 / rounds.length) > seconds) break;
  }
  return rounds;
}
