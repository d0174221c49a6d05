/** @file The messages between the engine and its inference threads: one that decodes, and one for each session. */
import type { ErrorCode, SerializedError } from '#core/errors.ts';
import type { Preprocess } from '#core/preprocess.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { ParentScore, RankedScore } from '#core/scores.ts';
import type { InstalledModel } from '../models/manifest.ts';

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
  /** 8 bytes of what it looks like; absent where nothing was decoded. */
  perceptualHash?: Uint8Array;
}

/** What is stored of one picture's scores. */
export interface Ranks {
  /** Top k, best first. */
  ranked: RankedScore[];
  /** Top-1 minus top-2 score, in [0, 1]. */
  margin: number;
  parent: ParentScore | null;
  /** Shape [D]. */
  features: Float32Array | null;
}

export interface Labeled extends Ranks {
  ok: true;
}

/** A bad picture is data, not an exception. */
export interface Refused {
  ok: false;
  code: ErrorCode;
  message: string;
}

export type Classified = ImageFacts & (Labeled | Refused);

/** A picture whose pixels lie in its slot, unless it was refused. */
export interface Prepared {
  facts: ImageFacts;
  refused: Refused | null;
}

/** Shared memory, one slot for each picture: shape [slots, H, W, 3], 0–255. */
export interface SlotMemory {
  memory: SharedArrayBuffer;
  /** H × W × 3. */
  slotBytes: number;
}

export interface DecodeData {
  slots: SlotMemory;
  preprocess: Preprocess;
  /** Pictures decoded at the same time, to begin with. */
  decoders: number;
  /** Where small copies of large pictures are kept; null for nowhere. */
  thumbnails: string | null;
  gentle: boolean;
}

export interface SessionData {
  slots: SlotMemory;
  model: InstalledModel;
  /** Intra-op. */
  threads: number;
  /** Channels that groups of convolutions are merged to; 0 leaves them as they are. */
  mergeWidth: number;
  /** Hand out features, if the model has them. */
  embeddings: boolean;
  provider: ExecutionProvider;
  gentle: boolean;
}

export type ToDecoder =
  /** Answered by 'decoded'; the first picture goes to `firstSlot`, the others follow it. */
  | { type: 'decode'; id: number; images: ImageToClassify[]; firstSlot: number }
  /** Nobody waits for that batch any more; it is answered all the same. */
  | { type: 'cancel'; id: number }
  /** Pictures that will come next, in this order: worth reading while there is time. */
  | { type: 'ahead'; paths: string[] }
  | { type: 'decoders'; count: number }
  | { type: 'stop' };

export type FromDecoder =
  | ThreadState
  | { type: 'decoded'; id: number; pictures: Prepared[] }
  /** A sign of life between two batches. */
  | { type: 'alive' };

export type ToSession =
  /** One `session.run` over the pictures in these slots. */
  { type: 'run'; id: number; slots: number[]; topK: number } | { type: 'stop' };

export type FromSession =
  | ThreadState
  /** One entry for each slot; null where the outputs were not finite. */
  | { type: 'ran'; id: number; outputs: (Ranks | null)[] }
  | { type: 'failed'; id: number; error: SerializedError };

/** The first message of every thread. */
export type ThreadState = { type: 'ready' } | { type: 'broken'; error: SerializedError };
