/** @file Tells what is being measured and how long it will still take. */

export interface Work {
  title: string;
  /** What it takes on a quick machine; others are told from how long the steps before took. */
  seconds: number;
  run: () => Promise<void>;
}

/** Do all of it in order, with a line before each. @param say  gets the lines */
export async function workThrough(works: readonly Work[], say: (line: string) => void): Promise<void> {
  const startedMs = performance.now();
  let expected = 0;
  let left = works.reduce((sum, { seconds }) => sum + seconds, 0);
  for (const [index, { title, seconds, run }] of works.entries()) {
    const elapsed = (performance.now() - startedMs) / 1000;
    say(`[${index + 1}/${works.length}] ${title} … ${duration(timeLeft(elapsed, expected, left))} left`);
    await run();
    expected += seconds;
    left -= seconds;
  }
  say(`Done after ${duration((performance.now() - startedMs) / 1000)}`);
}

/**
 * @param elapsed   seconds so far
 * @param expected  what that should have taken
 * @param left      what the rest should take
 */
export function timeLeft(elapsed: number, expected: number, left: number): number {
  // As if one more minute had gone as expected: the first step alone says little about the others.
  return (left * (elapsed + 60)) / (expected + 60);
}

/** '1:05' */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
