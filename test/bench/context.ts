/** @file What every step of the bench works with. */
import type { BenchModels } from './bench-models.ts';
import type { PhotoSize } from './corpus.ts';
import type { Plan } from './plan.ts';
import type { Python } from './python.ts';

export interface BenchContext {
  plan: Plan;
  /** Absolute paths, by size. */
  photos: Record<PhotoSize, string[]>;
  models: BenchModels;
  python: Python | null;
  /** Channels that groups are merged to, as the engine does it here. */
  mergeWidths: { float: number; integer: number };
  /** Folder for what takes long to make or to find out, kept between runs. */
  home: string;
}
