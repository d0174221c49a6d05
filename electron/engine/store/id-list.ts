/** @file An ordered list of ids that is ready before it is complete: the rest is read between other work. */
import { AppError } from '#core/errors.ts';

export interface IdList {
  /** Resolves when at least `count` ids are there, or all there are. */
  upTo(count: number): Promise<Int32Array>;
  /** How many there will be. */
  total(): Promise<number>;
  /** Stop reading; whoever waits is refused. */
  close(): void;
}

export interface IdSource {
  /** Pieces of ids in order; ends itself when asked to return. */
  pieces: Generator<number[]>;
  /** Resolves at the latest with the first ids. */
  total: Promise<number>;
  /** Called once, when there is no more to read. */
  ended: () => void;
}

/** How long reading may keep other calls from their turn, milliseconds. */
const sliceMs = 6;
/** Read before a list is handed out: a screen full, so that the first rows seldom wait. */
const firstIds = 500;

/** @param nextTurn  resolves when this list may go on reading */
export function readIds({ pieces, total, ended }: IdSource, nextTurn: () => Promise<void>): IdList {
  let list = new Int32Array(1024);
  let filled = 0;
  let state: 'reading' | 'complete' | 'closed' = 'reading';
  let failure: Error | undefined;
  let progress = Promise.withResolvers<void>();

  function end(as: 'complete' | 'closed'): void {
    if (state !== 'reading') return;
    state = as;
    try {
      pieces.return(undefined);
    } finally {
      ended();
      progress.resolve();
    }
  }

  function append(ids: readonly number[]): void {
    if (filled + ids.length > list.length) {
      const larger = new Int32Array(Math.max(list.length * 2, filled + ids.length));
      larger.set(list);
      list = larger;
    }
    list.set(ids, filled);
    filled += ids.length;
  }

  function read(enough: number): void {
    const start = performance.now();
    while (filled < enough && performance.now() - start < sliceMs) {
      const next = pieces.next();
      if (next.done) {
        end('complete');
        return;
      }
      append(next.value);
    }
  }

  async function readRest(): Promise<void> {
    while (state === 'reading') {
      await nextTurn();
      // Closed while it waited for its turn?
      if (state !== 'reading') return;
      try {
        read(Infinity);
      } catch (thrown) {
        failure = AppError.from(thrown);
        end('closed');
        return;
      }
      const before = progress;
      progress = Promise.withResolvers<void>();
      before.resolve();
    }
  }

  async function upTo(count: number): Promise<Int32Array> {
    while (filled < count && state === 'reading') await progress.promise;
    if (state === 'closed') throw failure ?? new AppError('not-found', 'The list was closed before it was read');
    return list.subarray(0, filled);
  }

  try {
    read(firstIds);
  } catch (thrown) {
    end('closed');
    throw thrown;
  }
  void readRest();
  return {
    upTo,
    // Whoever waits for a total that will never come is told why instead.
    total: () => Promise.race([total, upTo(Infinity).then(({ length }) => length)]),
    close: () => end('closed'),
  };
}
