/** @file Calls at most every so often, the last one never lost. */

/** @returns a function that runs `work` at once, then at most every `intervalMs`, the last time after the last call */
export function throttle(work: () => void, intervalMs: number): () => void {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    if (timer !== undefined) return;
    const wait = Math.max(0, last + intervalMs - Date.now());
    timer = setTimeout(() => {
      timer = undefined;
      last = Date.now();
      work();
    }, wait);
  };
}
