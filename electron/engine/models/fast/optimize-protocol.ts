/** @file What is asked of the process that makes an integer form, and what it tells. */
import type { SerializedError } from '#core/errors.ts';
import type { AgreementReport, OptimizeProgress } from '#core/model.ts';
import type { TrialLimits } from '../../inference/trial-protocol.ts';
import type { InstalledModel } from '../manifest.ts';

export interface OptimizeRequest {
  model: InstalledModel;
  /** Absolute, in the order in which they are taken. */
  photos: string[];
  /** For everything that is written; absolute. What counts is `model.onnx` in it. */
  folder: string;
  /** Intra-op. */
  threads: number;
  weightBits: 7 | 8;
}

export interface OptimizeResult {
  sha256: string;
  sizeBytes: number;
  report: Omit<AgreementReport, 'madeMs'>;
}

export interface ToOptimizer {
  request: OptimizeRequest;
  limits: TrialLimits;
}

export type OptimizeStep = Pick<OptimizeProgress, 'done' | 'total' | 'secondsLeft'> & {
  stage: Extract<OptimizeProgress['stage'], 'reading' | 'calibrating' | 'choosing' | 'checking' | 'timing'>;
};

export type FromOptimizer =
  | { type: 'progress'; progress: OptimizeStep }
  | { type: 'made'; result: OptimizeResult }
  | { type: 'failed'; error: SerializedError };
