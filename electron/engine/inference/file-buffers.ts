/** @file Memory for files, used again and again: fresh memory costs a page fault for every 4 kB. */

export interface FileBuffers {
  /** @returns a buffer of exactly that length, with whatever was in it before */
  take(sizeBytes: number): Buffer;
  /** Only when nobody reads it any more. */
  give(buffer: Buffer): void;
}

/** Capacities are multiples of this, bytes; files of one camera differ little. */
const step = 64 * 1024;
/** A buffer this many times too large is left to a larger file. */
const wasteLimit = 4;

/** @param maxIdleBytes  kept for later at most */
export function openFileBuffers(maxIdleBytes: number): FileBuffers {
  /** Used last at the end. */
  const idle: ArrayBuffer[] = [];
  let idleBytes = 0;

  function forget(index: number): ArrayBuffer {
    const [memory] = idle.splice(index, 1);
    idleBytes -= memory!.byteLength;
    return memory!;
  }

  return {
    take(sizeBytes) {
      const capacity = Math.max(1, Math.ceil(sizeBytes / step)) * step;
      let best = -1;
      idle.forEach(({ byteLength }, index) => {
        if (byteLength < capacity || byteLength > capacity * wasteLimit) return;
        if (best < 0 || byteLength <= idle[best]!.byteLength) best = index;
      });
      return Buffer.from(best < 0 ? new ArrayBuffer(capacity) : forget(best), 0, sizeBytes);
    },
    give({ buffer }) {
      if (buffer.byteLength > maxIdleBytes) return;
      idle.push(buffer as ArrayBuffer);
      idleBytes += buffer.byteLength;
      while (idleBytes > maxIdleBytes) forget(0);
    },
  };
}
