/** @file A classifier as the app shows it. */
import type { Preprocess } from './preprocess.ts';

/** Facts of one model folder; `problem` says why it cannot be used. */
export interface Model {
  id: string;
  title: string;
  family: string;
  /** One or two sentences: what it is good for and what it is not. */
  description: string;
  licence: string;
  /** Where the weights come from: an address, a file name; empty when nobody said. */
  source: string;
  sizeBytes: number;
  inputSize: { width: number; height: number };
  /** Null until the folder is usable. */
  preprocess: Preprocess | null;
  categoryCount: number;
  hasFeatures: boolean;
  /** In PaddleClas' words ('ResNeXt50_vd_32x4d'); null for what is no ResNeXt we know. */
  architecture: string | null;
  /** Trainable numbers; null when nobody counted. */
  parameterCount: number | null;
  /** Multiply-accumulates for one picture; null when nobody counted. */
  macCount: number | null;
  metrics: ModelMetric[];
  /** On this machine; null until measured. */
  speed: ModelSpeed | null;
  /** The form that computes in integers; null when there is none. */
  fast: FastVariant | null;
  /** Lies in the person's own folder, so it can be renamed and removed. */
  own: boolean;
  problem: string | null;
}

export interface ModelMetric {
  name: string;
  /** A share in [0, 1]. */
  value: number;
  source: string;
}

/** Measured on this machine, without decoding. */
export interface ModelSpeed {
  provider: string;
  threads: number;
  /** Median time of one `session.run`, by batch size. */
  batches: { rows: number; milliseconds: number }[];
  /** Of the best batch size. */
  imagesPerSecond: number;
  /** Milliseconds since 1970. */
  measuredMs: number;
}

/** Two models over the same dataset, compared by their best prediction of each picture that both labeled. */
export interface ModelComparison {
  imageCount: number;
  /** Pictures with the same best category. */
  agreedCount: number;
  /** Mean of the best score. */
  meanScores: [number, number];
  /** Against what a person decided, over the pictures decided so far; null when there are none. */
  decided: { imageCount: number; correct: [number, number] } | null;
  /** What each says where they differ, most frequent first. */
  confusion: { categories: [string, string]; imageCount: number }[];
  /** How often each model names a category, largest difference first. */
  categories: { name: string; counts: [number, number] }[];
}

/** A form of a model that computes in integers, made from its float form. */
export interface FastVariant {
  sizeBytes: number;
  /** Made here; else it came with the model. */
  own: boolean;
  report: AgreementReport;
  /** New runs label with it. */
  inUse: boolean;
  /**
   * Why not: it differs too much from the float form; integers are not faster on this machine; this machine computes
   * them inexactly; the person switched it off. Null when it is in use.
   */
  unusedBecause: 'differs' | 'not-faster' | 'inexact' | 'switched-off' | null;
}

/** The integer form against the float form, on photos that had no part in making it. Shares are in [0, 1]. */
export interface AgreementReport {
  /** Photos compared. */
  imageCount: number;
  /** Photos with the same best category. */
  agreement: number;
  /** Of those where the float form was confident: its best score reached the model's `unsureBelow`. */
  confident: { imageCount: number; agreement: number };
  /** Mean share of the five best categories that both name. */
  topFiveOverlap: number;
  /** Of the score of the float form's best category: mean and largest absolute difference. */
  scoreDrift: { mean: number; max: number };
  /** What agreement must reach. */
  gate: { agreement: number; confidentAgreement: number; imageCount: number };
  passed: boolean;
  /** How it was made: photos that ranges were measured on, how ranges were chosen, what stayed float. */
  calibrationImageCount: number;
  ranges: 'min-max' | 'percentile' | 'least-error';
  keptFloat: string[];
  /** Images per second of the integer form over the float form, one thread, on the machine that made it. */
  speedup: number | null;
  /** Milliseconds since 1970. */
  madeMs: number;
}

export interface OptimizeProgress {
  modelId: string;
  stage: 'reading' | 'calibrating' | 'choosing' | 'checking' | 'timing' | 'finished' | 'cancelled' | 'failed';
  /** Photos done of this stage; of all photos that stage needs. */
  done: number;
  total: number;
  secondsLeft: number | null;
  /** An error code, when `stage` is 'failed'. */
  reason: string | null;
}

/** How a model runs fastest on this machine. */
export interface Tuning {
  /** Sessions side by side, each in a thread of its own, and threads within each. */
  sessions: number;
  threads: number;
  /** Pictures per `session.run`. */
  batchSize: number;
  /** Channels that groups of convolutions are merged to; 0 leaves them as they are. */
  mergeWidth: number;
  /** Inference alone. */
  imagesPerSecond: number;
  /** Milliseconds since 1970. */
  measuredMs: number;
}

/** What runs, results and comparisons call the integer form of a model; '@' stands in no id of a model. */
export const fastSuffix = '@int8';

/** What asks for the float form of a model, whichever is in use. Its results bear the model's own id. */
export const floatSuffix = '@original';

/** The model that a run's model is a form of: 'a', 'a@int8' and 'a@original' are all 'a'. */
export function baseModelId(modelId: string): string {
  return modelId.replace(/@(?:int8|original)$/, '');
}
