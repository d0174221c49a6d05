/** @file At most so many pixels at a time, in order of arrival: what bounds the memory of pictures at full size. */

export type PixelBudget = <Value>(pixels: number, start: () => Promise<Value>) => Promise<Value>;

/** @param most  pixels at once; a picture beyond that runs alone */
export function pixelBudget(most: number): PixelBudget {
  const waiting: { pixels: number; admit: () => void }[] = [];
  let used = 0;

  function admitNext(): void {
    while (waiting[0] && (used === 0 || used + waiting[0].pixels <= most)) {
      const { pixels, admit } = waiting.shift()!;
      used += pixels;
      admit();
    }
  }

  return async (pixels, start) => {
    const turn = Promise.withResolvers<void>();
    waiting.push({ pixels, admit: turn.resolve });
    admitNext();
    await turn.promise;
    try {
      return await start();
    } finally {
      used -= pixels;
      admitNext();
    }
  };
}
