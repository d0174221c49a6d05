/** @file Waiting until something changes below some folders. */
import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A photo is seldom written at once: nothing may have happened for so long, milliseconds. */
const quietMs = 1500;
/** Disks that tell nothing (network shares) are looked at so often, milliseconds. */
const lookMs = 30_000;

export interface FolderWatch extends Disposable {
  /**
   * Resolves when something changed since it was called last and a while passed without another change, or when it is
   * time for a look anyway. Rejects when `signal` fires.
   */
  changed(signal: AbortSignal): Promise<void>;
}

/**
 * @param folders    absolute
 * @param onProblem  told once of each folder that the system does not tell about, with what it says
 */
export function watchFolders(folders: readonly string[], onProblem: (problem: string) => void): FolderWatch {
  let lastMs = -Infinity;
  let pending = false;
  let wake = () => {};

  function start(folder: string): FSWatcher | undefined {
    let told = false;
    const fail = (thrown: unknown) => {
      if (!told) onProblem(`${folder}: ${(thrown as Error).message}`);
      told = true;
    };
    try {
      return watch(folder, { recursive: true }, () => {
        pending = true;
        lastMs = performance.now();
        wake();
      }).on('error', fail);
    } catch (thrown) {
      fail(thrown);
      return undefined;
    }
  }
  const watchers = folders.map(start);

  return {
    async changed(signal) {
      if (!pending) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const over = new AbortController();
        await Promise.race([
          woken,
          delay(lookMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }),
        ]).finally(() => over.abort());
      }
      while (performance.now() < lastMs + quietMs) {
        await delay(lastMs + quietMs - performance.now(), undefined, { signal });
      }
      pending = false;
    },
    [Symbol.dispose]() {
      for (const watcher of watchers) watcher?.close();
    },
  };
}
