/** @file An ordered list of ids that is ready before it is complete: the rest is read between other work. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';

export interface IdList {
  /** How many there are, once `whenTotal` has resolved. */
  readonly total: number;
  /** Resolves when at least `count` ids are there, or all. */
  upTo(count: number): Promise<Int32Array>;
  whenTotal(): Promise<number>;
  /** Stop reading; whoever waits is refused. */
  close(): void;
}

/** How long reading may keep other calls from their turn, milliseconds. */
const sliceMs = 6;
/** Looking at the clock for each id would cost more than the id. */
const idsPerLook = 512;
/** Read before a list is handed out: a screen full, so that the first rows never wait. */
const firstIds = 500;

/**
 * @param ids    null is passed over; ends itself when closed
 * @param total  when it is known beforehand
 * @param ended  called once, when there is no more to read
 */
export function readIds(ids: Iterator<number | null>, total: number | null, ended: () => void): IdList {
  let list = new Int32Array(Math.max(total ?? 0, 1024));
  let filled = 0;
  let state: 'reading' | 'complete' | 'closed' = 'reading';
  let failure: Error | undefined;
  let progress = Promise.withResolvers<void>();

  function end(as: 'complete' | 'closed'): void {
    if (state !== 'reading') return;
    state = as;
    try {
      ids.return?.();
    } finally {
      ended();
      progress.resolve();
    }
  }

  function read(enough: number): void {
    const start = performance.now();
    while (filled < enough && performance.now() - start < sliceMs) {
      for (let look = 0; look < idsPerLook; look++) {
        const next = ids.next();
        if (next.done) {
          end('complete');
          return;
        }
        if (next.value === null) continue;
        if (filled === list.length) list = grown(list);
        list[filled++] = next.value;
      }
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
    if (state === 'closed') {
      throw failure ?? new AppError('not-found', 'The list was closed before it was read');
    }
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
    get total() {
      return state === 'complete' ? filled : (total ?? filled);
    },
    upTo,
    async whenTotal() {
      return total ?? (await upTo(Infinity)).length;
    },
    close: () => end('closed'),
  };
}

function grown(list: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(list.length * 2);
  larger.set(list);
  return larger;
}
