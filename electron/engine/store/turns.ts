/** @file Long reading in short pieces: one piece in each turn of the event loop, for whoever asked last. */

/** @returns a function whose promise resolves when it is the caller's turn */
export function openTurns(): () => Promise<void> {
  const waiting: (() => void)[] = [];

  function give(): void {
    // The newest first: what a person looks at now matters more than what they left.
    waiting.pop()?.();
    if (waiting.length > 0) setImmediate(give);
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(give);
    });
}
