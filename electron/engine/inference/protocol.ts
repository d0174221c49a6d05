/** @file The messages between the engine and its inference worker. */
import type { ErrorCode, SerializedError } from '#core/errors.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { ParentScore, RankedScore } from '#core/scores.ts';
import type { InstalledModel } from '../models/manifest.ts';

export interface WorkerOptions {
  /** Intra-op threads of the session. */
  threads: number;
  /** Pictures decoded at the same time. */
  decoders: number;
  /** Hand out features, if the model has them. */
  embeddings: boolean;
  /** Where the session runs. */
  provider: ExecutionProvider;
}

export interface WorkerData {
  model: InstalledModel;
  options: WorkerOptions;
}

export interface ImageToClassify {
  id: number;
  /** Absolute. */
  path: string;
}

/** What is known of a file, as far as reading it got. */
export interface ImageFacts {
  id: number;
  sizeBytes: number | null;
  /** Milliseconds since 1970. */
  modifiedMs: number | null;
  /** First 32 hex digits of the SHA-256 of the bytes that were decoded. */
  contentHash: string | null;
  /** As displayed (after EXIF orientation), pixels. */
  width: number | null;
  height: number | null;
  format: string | null;
}

export interface Labeled {
  ok: true;
  /** Top k, best first. */
  ranked: RankedScore[];
  /** Top-1 minus top-2 score, in [0, 1]. */
  margin: number;
  parent: ParentScore | null;
  /** Shape [D]. */
  features: Float32Array | null;
}

/** A bad picture is data, not an exception. */
export interface Refused {
  ok: false;
  code: ErrorCode;
  message: string;
}

export type Classified = ImageFacts & (Labeled | Refused);

export type ToWorker =
  | { type: 'classify'; id: number; images: ImageToClassify[]; topK: number }
  | { type: 'cancel'; id: number }
  | { type: 'stop' };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'broken'; error: SerializedError }
  | { type: 'classified'; id: number; images: Classified[] }
  | { type: 'failed'; id: number; error: SerializedError };
