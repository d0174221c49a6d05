/** @file What is asked of a trial: to run an ONNX file a few times in a process that may crash, hang or eat memory. */
import type { SerializedError } from '#core/errors.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { ModelFile } from './private-model.ts';

export interface TrialPicture {
  /**
   * Sizes for the free dimensions of the one input, pixels. Its type, layout and fixed sizes are read from the graph;
   * NCHW when the second dimension is 3 or free, NHWC when the last one is 3.
   */
  width: number;
  height: number;
  /** Range of the pictures' values: normalised floats (about −2…2.6), floats in 0–1, or bytes. */
  values: 'normalised' | 'unit' | 'bytes';
}

export interface TrialRequest extends TrialPicture {
  /** Absolute path of an ONNX file that `inspectOnnx` has accepted. */
  file: string;
  /** Load it as a run would, with its groups merged: what `openSession` does. Without, the file is loaded as it is. */
  arranged?: { sha256: string; mergeWidth: number };
  provider: ExecutionProvider;
  /** Intra-op threads. */
  threads: number;
  /** One `session.run` each, `repeat` times. Row r of every batch holds the same pseudo-random picture. */
  batches: TrialBatch[];
}

export interface TrialBatch {
  rows: number;
  /** Runs, the first of which is slower than the others: it allocates. */
  repeat: number;
  /** Begin no further run when the runs of this batch have taken that long together. */
  stopAfterMs?: number;
}

export interface TrialValue {
  name: string;
  /** 'float32', 'uint8', … in the runtime's words. */
  type: string;
  /** A string names a free dimension. */
  shape: (number | string)[];
}

export interface TrialResult {
  inputs: TrialValue[];
  outputs: TrialValue[];
  /** In the order asked for. */
  batches: {
    /** Of the first run: float outputs by name. */
    outputs: Record<string, { shape: number[]; values: Float32Array }>;
    /** Of each run, milliseconds. */
    milliseconds: number[];
  }[];
  loadMilliseconds: number;
}

/** A way to run a model on the processor, timed against others. */
export interface Entrant {
  file: ModelFile;
  mergeWidth: number;
  /** Side by side, each in a thread of its own, and threads within each. */
  sessions: number;
  threads: number;
  /** Pictures per `session.run`. */
  rows: number;
}

export interface ContestRequest extends TrialPicture {
  /** Entrants with the same file, width and threads share their sessions. */
  entrants: Entrant[];
  /** One turn of each, in the opposite order every other time; two at least. */
  maxRounds: number;
  /** Begin no further round when that time has passed. */
  stopAfterMs: number;
  /** A turn begins no further `session.run` when that time has passed. */
  turnMs: number;
}

/** One turn of one entrant. */
export interface Turn {
  imagesPerSecond: number;
  /** Of the whole process. */
  cpuMsPerImage: number;
}

export interface ContestResult {
  /** By entrant, in the order asked for; then by round. */
  turns: Turn[][];
  /** What a session takes, on average over all; resident memory, without what the first one shares with the others. */
  sessionBytes: number;
}

/** What the process may take before it ends itself, whatever its main thread is doing. */
export interface TrialLimits {
  timeoutMs: number;
  maxRssBytes: number;
}

export type ToTrial =
  | { type: 'run'; request: TrialRequest; limits: TrialLimits }
  | { type: 'contest'; request: ContestRequest; limits: TrialLimits }
  | { type: 'backends' };

/** A provider as the runtime lists it; without `bundled` it needs libraries that do not come with the runtime. */
export interface Backend {
  name: string;
  bundled: boolean;
}

export type FromTrial =
  | { type: 'ran'; result: TrialResult }
  | { type: 'contested'; result: ContestResult }
  | { type: 'backends'; backends: Backend[]; runtimeVersion: string }
  | { type: 'failed'; error: SerializedError };
