/** @file At most so many at a time, in order of arrival. */

export interface Limit {
  <Value>(start: () => Promise<Value>): Promise<Value>;
  /** What runs beyond a lower number goes on; nothing new starts until it is reached. */
  set(most: number): void;
}

/** @param most  how many may run at once, ≥ 1 */
export function limiter(most: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  function admit(): void {
    while (running < most && waiting.length > 0) {
      running++;
      waiting.shift()!();
    }
  }

  async function limit<Value>(start: () => Promise<Value>): Promise<Value> {
    const turn = Promise.withResolvers<void>();
    waiting.push(turn.resolve);
    admit();
    await turn.promise;
    try {
      return await start();
    } finally {
      running--;
      admit();
    }
  }

  return Object.assign(limit, {
    set(next: number) {
      most = next;
      admit();
    },
  });
}
