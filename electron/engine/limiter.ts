/** @file At most so many at a time, in order of arrival. */

export type Limit = <Value>(start: () => Promise<Value>) => Promise<Value>;

/** @param most  how many may run at once, ≥ 1 */
export function limiter(most: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (start) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await start();
    } finally {
      // The place goes straight to the next in line, so nobody can slip in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
