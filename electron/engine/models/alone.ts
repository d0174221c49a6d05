/** @file One thing at a time that wants the machine for itself: measuring, trying providers, making models faster. */
import { AppError } from '#core/errors.ts';

export interface Alone {
  /** @throws {AppError} 'busy' while something of that kind goes on, or pictures are labeled */
  run<Result>(kind: AloneKind, use: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Only what is of this kind. */
  cancel(kind: AloneKind): void;
  /** Whatever it is, and wait for its end. */
  stop(): Promise<void>;
}

export type AloneKind = 'measure' | 'optimize';

/** @param atWork  ids of the models that label pictures at this moment */
export function openAlone(atWork: () => readonly string[]): Alone {
  let current: { kind: AloneKind; stop: AbortController; ended: Promise<unknown> } | null = null;
  return {
    async run(kind, use) {
      if (current) throw new AppError('busy', 'Another measurement is going on');
      if (atWork().length > 0) {
        throw new AppError('busy', 'Pictures are being labeled, which would falsify the measurement');
      }
      const stop = new AbortController();
      const result = use(stop.signal);
      const mine = { kind, stop, ended: result.catch(() => undefined) };
      current = mine;
      try {
        return await result;
      } finally {
        current = null;
      }
    },
    cancel(kind) {
      if (current?.kind === kind) current.stop.abort();
    },
    async stop() {
      current?.stop.abort();
      await current?.ended;
    },
  };
}
