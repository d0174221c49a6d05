/** @file The threads of a classifier: one that decodes, and one for each session. */
import { AppError } from '#core/errors.ts';
import { setPoolPriority } from './priority.ts';
import type {
  DecodeData,
  FromDecoder,
  FromSession,
  ImageToClassify,
  Prepared,
  Ranks,
  SessionData,
  ToDecoder,
  ToSession,
} from './protocol.ts';
import { startThread, type Thread } from './thread.ts';

export interface Crew {
  decode(batch: { id: number; images: ImageToClassify[]; firstSlot: number }): void;
  cancel(id: number): void;
  /** @returns false when every session has enough to do */
  run(batch: { id: number; slots: number[]; topK: number }): boolean;
  /** Some session has nothing to do. */
  readonly idle: boolean;
  setDecoders(count: number): void;
  /** Pictures that will come next. */
  expect(paths: string[]): void;
  /** Settles when all threads have ended, after what they were told before. */
  stop(): Promise<void>;
  /** Do not wait for threads that hang. */
  abandon(): void;
}

export interface CrewHooks {
  onDecoded: (id: number, pictures: Prepared[]) => void;
  onRan: (id: number, outputs: (Ranks | null)[] | AppError) => void;
  onAlive: () => void;
  onDeath: (reason: AppError) => void;
}

/** One batch in the session, one waiting in its thread: it must not wait for the engine's main thread, which may be busy. */
const queuedMost = 2;

/**
 * @returns  when all sessions are loaded and have passed their self-test
 * @throws {AppError} as `openSession`, or 'inference.failed' when a thread ended
 */
export async function openCrew(
  decodeData: DecodeData,
  sessionData: SessionData,
  sessionCount: number,
  hooks: CrewHooks,
): Promise<Crew> {
  const { onAlive, onDeath } = hooks;
  setPoolPriority(sessionData.gentle);
  const decoder: Thread<ToDecoder> = startThread<ToDecoder, FromDecoder>('decode-worker', decodeData, {
    onMessage: (message) => {
      if (message.type === 'decoded') hooks.onDecoded(message.id, message.pictures);
    },
    onAlive,
    onDeath,
  });
  const sessions = Array.from({ length: sessionCount }, () => {
    const session = {
      queued: 0,
      thread: startThread<ToSession, FromSession>('session-worker', sessionData, {
        onMessage: (message) => {
          session.queued--;
          hooks.onRan(message.id, message.type === 'ran' ? message.outputs : AppError.deserialize(message.error));
        },
        onAlive,
        onDeath,
      }),
    };
    return session;
  });
  const threads = [decoder, ...sessions.map(({ thread }) => thread)];
  const stop = async () => void (await Promise.all(threads.map((thread) => thread.stop())));
  try {
    await Promise.all(threads.map(({ ready }) => ready));
  } catch (thrown) {
    void stop();
    throw thrown;
  }

  return {
    decode: (batch) => decoder.tell({ type: 'decode', ...batch }),
    cancel: (id) => decoder.tell({ type: 'cancel', id }),
    run(batch) {
      const next = sessions.reduce((least, session) => (session.queued < least.queued ? session : least));
      if (next.queued >= queuedMost) return false;
      next.queued++;
      next.thread.tell({ type: 'run', ...batch });
      return true;
    },
    get idle() {
      return sessions.some(({ queued }) => queued === 0);
    },
    setDecoders: (count) => decoder.tell({ type: 'decoders', count }),
    expect: (paths) => decoder.tell({ type: 'ahead', paths }),
    stop,
    abandon() {
      for (const thread of threads) thread.abandon();
    },
  };
}
