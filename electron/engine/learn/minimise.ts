/** @file The lowest point of a smooth convex function of many numbers: limited-memory BFGS. */

export interface Evaluated {
  value: number;
  gradient: Float64Array;
}

export interface MinimiseOptions {
  /** Ends when the slope is this part of what `slopeScale` is. */
  tolerance: number;
  /** Slope that counts as steep: of the objective at its worst. */
  slopeScale: number;
  /** Evaluations, not steps. */
  maxEvaluations: number;
  /** @throws whatever it throws, before each evaluation */
  check: () => void;
}

/** Steps remembered; more of them cost memory and bring little (Nocedal and Wright, Numerical optimization, 7.2). */
const memory = 10;
/** Share of the promised descent that is enough (same, 3.1). */
const enough = 1e-4;

interface Step {
  moved: Float64Array;
  slopeChange: Float64Array;
  inverse: number;
}

/** @returns the best point found and how many evaluations it took; `point` is left as it is */
export async function minimise(
  point: Float64Array,
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  { tolerance, slopeScale, maxEvaluations, check }: MinimiseOptions,
): Promise<{ point: Float64Array; evaluations: number }> {
  const steps: Step[] = [];
  let at: Float64Array = point.slice();
  check();
  let here = await evaluate(at);
  let evaluations = 1;
  while (evaluations < maxEvaluations && length(here.gradient) > tolerance * slopeScale) {
    const direction = descent(here.gradient, steps);
    const slope = dot(direction, here.gradient);
    if (!(slope < 0)) break;
    // Before anything is known of the curvature, not further than the slope can be trusted.
    let reach = steps.length === 0 ? Math.min(1, 1 / length(here.gradient)) : 1;
    let found: { at: Float64Array; there: Evaluated } | null = null;
    while (evaluations < maxEvaluations) {
      check();
      const next = at.map((value, index) => value + reach * direction[index]!);
      const there = await evaluate(next);
      evaluations++;
      if (there.value <= here.value + enough * reach * slope) {
        found = { at: next, there };
        break;
      }
      // The lowest point of the parabola through what is known, within reason.
      const parabola = (-slope * reach * reach) / (2 * (there.value - here.value - slope * reach));
      reach = Math.min(0.5 * reach, Math.max(0.1 * reach, Number.isFinite(parabola) ? parabola : 0));
      if (reach < 1e-6) break;
    }
    // Nothing lower to be found: rounding is all that is left.
    if (!found) break;
    remember(steps, at, here, found);
    ({ at, there: here } = found);
  }
  return { point: at, evaluations };
}

function remember(
  steps: Step[],
  at: Float64Array,
  here: Evaluated,
  found: { at: Float64Array; there: Evaluated },
): void {
  const moved = found.at.map((value, index) => value - at[index]!);
  const slopeChange = found.there.gradient.map((value, index) => value - here.gradient[index]!);
  const curvature = dot(moved, slopeChange);
  if (!(curvature > 1e-12 * dot(slopeChange, slopeChange))) return;
  steps.push({ moved, slopeChange, inverse: 1 / curvature });
  if (steps.length > memory) steps.shift();
}

/** Two loops over the steps (Nocedal 1980, Updating quasi-Newton matrices with limited storage). */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const factors = new Float64Array(steps.length);
  for (let index = steps.length - 1; index >= 0; index--) {
    const { moved, slopeChange, inverse } = steps[index]!;
    factors[index] = inverse * dot(moved, direction);
    add(direction, slopeChange, -factors[index]!);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = 1 / (last.inverse * dot(last.slopeChange, last.slopeChange));
    for (let at = 0; at < direction.length; at++) direction[at]! *= scale;
  }
  steps.forEach(({ moved, slopeChange, inverse }, index) => {
    add(direction, moved, factors[index]! - inverse * dot(slopeChange, direction));
  });
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

function add(target: Float64Array, other: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at]! += factor * other[at]!;
}

function length(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}
