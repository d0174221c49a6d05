/** @file A classifier as the app shows it. */

/** Facts of one model folder; `problem` says why it cannot be used. */
export interface Model {
  id: string;
  title: string;
  family: string;
  /** One or two sentences: what it is good for and what it is not. */
  description: string;
  licence: string;
  sizeBytes: number;
  inputSize: { width: number; height: number };
  categoryCount: number;
  hasFeatures: boolean;
  metrics: ModelMetric[];
  problem: string | null;
}

export interface ModelMetric {
  name: string;
  /** A share in [0, 1]. */
  value: number;
  source: string;
}
