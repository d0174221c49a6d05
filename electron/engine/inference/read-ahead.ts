/** @file Files read before they are asked for, within a limit of bytes, so that a slow disk keeps nobody waiting. */
import { readPicture, type PictureFile } from '../picture-file.ts';
import type { FileBuffers } from './file-buffers.ts';

export interface HeldFile extends PictureFile {
  /** Its memory may be used again. */
  release(): void;
}

export interface ReadAhead {
  /** What will be taken, in this order; whatever is missing from the list is forgotten. */
  expect(paths: readonly string[]): void;
  /** Read before, or now. @throws {AppError} as `readPicture` */
  take(path: string): Promise<HeldFile>;
}

interface Entry {
  /** Null when it could not be read; it is then tried again when it is asked for. */
  file: Promise<HeldFile | null>;
  sizeBytes: number;
}

/** @param maxBytes  of files that nobody has taken yet; larger files are not read ahead */
export function openReadAhead(buffers: FileBuffers, maxBytes: number, readers: number): ReadAhead {
  const entries = new Map<string, Entry>();
  let expected: string[] = [];
  let reading = 0;
  let heldBytes = 0;

  async function read(path: string, limit?: number, onSize?: (sizeBytes: number) => void): Promise<HeldFile> {
    let memory: Buffer | null = null;
    const release = () => {
      if (memory) buffers.give(memory);
      memory = null;
    };
    const allocate = (sizeBytes: number) => {
      release();
      onSize?.(sizeBytes);
      return (memory = buffers.take(sizeBytes));
    };
    try {
      return {
        ...(await readPicture(path, limit === undefined ? { allocate } : { allocate, maxBytes: limit })),
        release,
      };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  function start(path: string): void {
    const entry: Entry = { file: Promise.resolve(null), sizeBytes: 0 };
    const hold = (sizeBytes: number) => {
      heldBytes += sizeBytes - entry.sizeBytes;
      entry.sizeBytes = sizeBytes;
    };
    reading++;
    entry.file = read(path, maxBytes - heldBytes, hold)
      .catch(() => {
        hold(0);
        return null;
      })
      .finally(() => {
        reading--;
        readMore();
      });
    entries.set(path, entry);
  }

  function readMore(): void {
    while (reading < readers && heldBytes < maxBytes) {
      const next = expected.shift();
      if (next === undefined) return;
      if (!entries.has(next)) start(next);
    }
  }

  async function remove(path: string, entry: Entry): Promise<HeldFile | null> {
    entries.delete(path);
    const file = await entry.file;
    heldBytes -= entry.sizeBytes;
    entry.sizeBytes = 0;
    readMore();
    return file;
  }

  return {
    expect(paths) {
      const wanted = new Set(paths);
      for (const [path, entry] of entries) {
        if (!wanted.has(path)) void remove(path, entry).then((file) => file?.release());
      }
      expected = [...wanted];
      readMore();
    },
    async take(path) {
      const entry = entries.get(path);
      const place = entry ? -1 : expected.indexOf(path);
      if (place >= 0) expected.splice(place, 1);
      return (entry && (await remove(path, entry))) ?? read(path);
    },
  };
}
