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
