/** @file Batches of paths in, labels out: hands pictures from the decode thread to the session threads. */
import { availableParallelism } from 'node:os';
import { AppError } from '#core/errors.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { InstalledModel } from '../models/manifest.ts';
import { combine } from './classify.ts';
import { openCrew, type Crew } from './crew.ts';
import { openDecoderTuner } from './decoder-tuner.ts';
import type { Classified, ImageToClassify, Prepared, Ranks } from './protocol.ts';
import { allocateSlots } from './slots.ts';

/** The watch ticks instead of sleeping long: a machine that was suspended misses ticks, not deadlines. */
const tickMs = 5_000;
/** 60 s without any answer. */
const silentTicks = 12;
/** 120 s for loading the model. */
const loadTicks = 24;
/** For each session: batches whose pixels are in use, wait for it, or are on their way. */
const groupsPerSession = 3;
/** Of all slots, bytes; for the largest inputs batches are smaller than asked for. */
const maxSlotBytes = 256 * 1024 * 1024;

export interface ClassifierOptions {
  /** Intra-op threads of each session. */
  threads: number;
  /** Hand out features, if the model has them. */
  embeddings: boolean;
  /** Where the sessions run. */
  provider: ExecutionProvider;
  /** Side by side, each in a thread of its own; 1 when nothing is said. */
  sessions?: number;
  /** Channels that groups of convolutions are merged to; 0, and nothing, leaves them as they are. */
  mergeWidth?: number;
  /** Pictures per `session.run`; 8 when nothing is said. */
  batchSize?: number;
  /** Pictures decoded at once; found out when nothing is said. */
  decoders?: number;
  /** Folder for small copies of large pictures; null, and nothing, for none. */
  thumbnails?: string | null;
  /** One core, low priority. */
  gentle?: boolean;
}

export interface Classifier extends AsyncDisposable {
  /**
   * Any number of batches may be under way at once; they are answered in order.
   *
   * @param images  one batch; more than `batchSize` are run in portions
   * @returns       one entry per image, in the same order; bad pictures are entries with `ok: false`
   * @throws {AppError} 'inference.failed' if a thread died, or none gave an answer for 60 s (then this process has to be
   *   killed, since `process.exit` waits for the thread); 'aborted' if `signal` fires first
   */
  classify(images: ImageToClassify[], options: { topK: number; signal?: AbortSignal }): Promise<Classified[]>;
  /** Batches to ask for at once, so that no thread has to wait. */
  readonly batchesAhead: number;
  /** Paths that will be asked for next: their files may be read already. */
  expect(paths: string[]): void;
  /** Takes hold after the batches under way; the threads are other ones then, because priorities cannot be raised again. */
  setGentle(gentle: boolean): void;
}

/** Part of a batch that fits into one group of slots. */
interface Portion {
  id: number;
  images: ImageToClassify[];
  topK: number;
  /** Which group of slots it has; -1 while it waits for one. */
  group: number;
  pictures: Prepared[];
  answer: PromiseWithResolvers<Classified[]>;
  cancelled: boolean;
}

/**
 * @returns  when the sessions are loaded and have passed their self-test
 * @throws {AppError} 'model.not-found', 'model.corrupt', 'model.invalid', 'provider.failed', 'inference.failed'
 */
export async function openClassifier(model: InstalledModel, options: ClassifierOptions): Promise<Classifier> {
  const { threads, embeddings, provider, sessions = 1, mergeWidth = 0, batchSize = 8, thumbnails = null } = options;
  const { preprocess, input } = model.manifest;
  const slotBytes = input.width * input.height * 3;
  const groupCount = sessions * groupsPerSession;
  const groupSize = Math.max(1, Math.min(batchSize, Math.floor(maxSlotBytes / (groupCount * slotBytes))));
  const slots = allocateSlots(groupCount * groupSize, slotBytes);
  const tuner = openDecoderTuner(mostDecoders());

  const freeGroups = Array.from({ length: groupCount }, (_, group) => group);
  const waiting: Portion[] = [];
  const decoding = new Map<number, Portion>();
  const ready: Portion[] = [];
  const running = new Map<number, Portion>();
  /** Requests without an answer. */
  const open = new Set<Promise<unknown>>();
  let lastAnswer: Promise<unknown> = Promise.resolve();
  let nextId = 1;
  let death: AppError | undefined;
  let crew: Crew | null = null;
  let loading = true;
  let wantGentle = options.gentle ?? false;
  let isGentle = wantGentle;
  let changing: Promise<void> | null = null;
  /** Rejects when a thread has died. */
  const dead = Promise.withResolvers<never>();
  dead.promise.catch(() => {});
  /** While threads are being changed: settles when none has anything to do. */
  let still = Promise.withResolvers<void>();
  let closing = false;
  let quietTicks = 0;

  // Nobody may wait for a dead thread: every open and every later request fails with the same reason.
  function die(reason: AppError): void {
    if (death) return;
    death = reason;
    clearInterval(watch);
    for (const portions of [waiting, decoding.values(), ready, running.values()]) {
      for (const { answer } of portions) answer.reject(death);
    }
    dead.reject(death);
    crew?.abandon();
    void crew?.stop();
  }

  const watch = setInterval(() => {
    if (!loading && decoding.size + running.size === 0) return;
    quietTicks++;
    if (quietTicks < (loading ? loadTicks : silentTicks)) return;
    // Stuck in native code a thread cannot be stopped, and `process.exit` would wait for it: the process has to be
    // killed.
    die(new AppError('inference.failed', 'The inference threads do not answer'));
  }, tickMs);
  watch.unref();

  async function openThreads(gentle: boolean): Promise<void> {
    loading = true;
    quietTicks = 0;
    const decoders = gentle ? 1 : (options.decoders ?? tuner.decoders);
    const session = { slots, model, threads: gentle ? 1 : threads, mergeWidth, embeddings, provider, gentle };
    const hooks = {
      onDecoded: decoded,
      onRan: ran,
      onAlive: () => void (quietTicks = 0),
      onDeath: die,
    };
    const decode = { slots, preprocess, decoders, thumbnails, gentle };
    const opening = openCrew(decode, session, gentle ? 1 : sessions, hooks);
    // The watch may give up while threads are opening, which then never answer.
    crew = await Promise.race([opening, dead.promise]);
    isGentle = gentle;
    loading = false;
  }

  /** Move every portion as far as there is room. */
  function pump(): void {
    if (!crew || death) return;
    if (changing) {
      if (decoding.size + running.size === 0) still.resolve();
      return;
    }
    while (waiting.length > 0 && freeGroups.length > 0) {
      const portion = waiting.shift()!;
      if (decoding.size + running.size === 0) quietTicks = 0;
      portion.group = freeGroups.shift()!;
      decoding.set(portion.id, portion);
      crew.decode({ id: portion.id, images: portion.images, firstSlot: portion.group * groupSize });
    }
    while (ready.length > 0) {
      const { id, group, pictures, topK, cancelled } = ready[0]!;
      if (cancelled) {
        finish(ready.shift()!, []);
        continue;
      }
      const good = pictures.flatMap(({ refused }, at) => (refused ? [] : [group * groupSize + at]));
      if (!crew.run({ id, slots: good, topK })) break;
      running.set(id, ready.shift()!);
    }
  }

  function decoded(id: number, pictures: Prepared[]): void {
    const portion = decoding.get(id);
    if (!portion) return;
    decoding.delete(id);
    portion.pictures = pictures;
    if (portion.cancelled || pictures.every(({ refused }) => refused)) finish(portion, []);
    else ready.push(portion);
    pump();
    if (decoding.size === 0 && ready.length > 0) note('full');
  }

  function ran(id: number, outputs: (Ranks | null)[] | AppError): void {
    const portion = running.get(id);
    if (!portion) return;
    running.delete(id);
    finish(portion, outputs);
    pump();
    if (decoding.size > 0 && crew?.idle) note('starved');
  }

  function finish(portion: Portion, outputs: (Ranks | null)[] | AppError): void {
    if (portion.group >= 0) freeGroups.push(portion.group);
    if (outputs instanceof AppError) portion.answer.reject(outputs);
    else portion.answer.resolve(combine(portion.pictures, outputs));
  }

  function note(what: 'starved' | 'full'): void {
    if (options.decoders === undefined && !isGentle && tuner.note(what)) crew?.setDecoders(tuner.decoders);
  }

  async function change(): Promise<void> {
    while (wantGentle !== isGentle) {
      still = Promise.withResolvers();
      pump();
      await Promise.race([still.promise, dead.promise]);
      await crew?.stop();
      await openThreads(wantGentle);
    }
  }

  function cancel(portions: Portion[]): void {
    for (const portion of portions) {
      portion.cancelled = true;
      portion.answer.reject(new AppError('aborted', 'The batch was cancelled'));
      const place = waiting.indexOf(portion);
      if (place >= 0) waiting.splice(place, 1);
      else if (decoding.has(portion.id)) crew?.cancel(portion.id);
    }
  }

  await openThreads(wantGentle).catch((thrown: unknown) => {
    die(AppError.from(thrown));
    throw thrown;
  });

  return {
    batchesAhead: 1 + 2 * sessions,

    async classify(images, { topK, signal }) {
      if (death) throw death;
      if (closing) throw new AppError('inference.failed', 'The classifier is closed');
      if (signal?.aborted) throw new AppError('aborted', 'The batch was cancelled');
      const portions: Portion[] = [];
      for (let at = 0; at < images.length; at += groupSize) {
        const answer = Promise.withResolvers<Classified[]>();
        const part = images.slice(at, at + groupSize);
        portions.push({ id: nextId++, images: part, topK, group: -1, pictures: [], answer, cancelled: false });
      }
      const abort = () => cancel(portions);
      signal?.addEventListener('abort', abort, { once: true });
      waiting.push(...portions);
      pump();
      const earlier = lastAnswer;
      const answer = Promise.all(portions.map((portion) => portion.answer.promise));
      // Without the values, or each would keep all before it.
      lastAnswer = Promise.allSettled([earlier, answer]).then(() => undefined);
      open.add(answer);
      try {
        const parts = await answer;
        await earlier;
        return parts.flat();
      } finally {
        open.delete(answer);
        signal?.removeEventListener('abort', abort);
      }
    },

    expect: (paths) => crew?.expect(paths),

    setGentle(gentle) {
      wantGentle = gentle;
      // Begun a moment later, when `changing` tells the others.
      changing ??= Promise.resolve()
        .then(change)
        .catch((thrown: unknown) => die(AppError.from(thrown)))
        .finally(() => {
          changing = null;
          pump();
        });
    },

    async [Symbol.asyncDispose]() {
      closing = true;
      await Promise.allSettled(open);
      await changing;
      clearInterval(watch);
      if (!death) await crew?.stop();
    },
  };
}

/** Beyond the cores decoding gains nothing; the rest of the pool reads files and does everything else. */
function mostDecoders(): number {
  const pool = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  return Math.max(1, Math.min(availableParallelism(), pool - 2));
}
