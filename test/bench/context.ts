/** @file What every step of the bench works with. */
import type { BenchModels } from './bench-models.ts';
import type { PhotoSize } from './corpus.ts';
import type { Plan } from './plan.ts';
import type { Python } from './python.ts';
import type { KnownTuning } from './step-tune.ts';

export interface BenchContext {
  plan: Plan;
  /** Absolute paths, by size. */
  photos: Record<PhotoSize, string[]>;
  models: BenchModels;
  python: Python | null;
  /** How the engine runs the models here. */
  tunings: KnownTuning[];
  /** For programs that are made. */
  home: string;
  /** Of all engines, so that they find out about the machine once. */
  cachePath: string;
}
