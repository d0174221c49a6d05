/** @file How a model runs fastest on this machine: measured once, remembered. */
import type { Tuning } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { InstalledModel } from './manifest.ts';

export interface TuningWishes {
  provider: ExecutionProvider;
  /** What the person set; 0 leaves it to us. */
  threads: number;
  batchSize: number;
  /** Pictures that wait: measuring takes seconds and has to pay. */
  pictureCount: number;
  /** Called before a measurement, which takes about ten seconds. */
  onMeasuring?: () => void;
  signal?: AbortSignal;
}

export interface Tunings {
  /** What is known, what can be measured now, or a guess: in that order. Never rejects, except with 'aborted'. */
  forRun(model: InstalledModel, wishes: TuningWishes): Promise<Tuning>;
}
