/** @file How fast a file of labels is read, and how long the rest takes. */
import type { LabelImportProgress } from '#core/label-import.ts';

/** Earlier a rate would jump, milliseconds. */
const rateFromMs = 1000;

export interface ReadingPace {
  entriesPerSecond: number;
  /** Null where the size of all of it is unknown. */
  secondsLeft: number | null;
}

/** @returns  the pace after each progress; null while it is too early to tell */
export function openPace(): (progress: LabelImportProgress, nowMs: number) => ReadingPace | null {
  let first: (LabelImportProgress & { atMs: number }) | null = null;
  return (progress, nowMs) => {
    // The person may have looked for the file for minutes; fewer entries than before: it is read once more.
    if (first === null || progress.entryCount < first.entryCount) first = { ...progress, atMs: nowMs };
    const elapsedSeconds = (nowMs - first.atMs) / 1000;
    if (elapsedSeconds * 1000 < rateFromMs) return null;
    const bytesPerSecond = (progress.bytesRead - first.bytesRead) / elapsedSeconds;
    return {
      entriesPerSecond: (progress.entryCount - first.entryCount) / elapsedSeconds,
      secondsLeft:
        progress.totalBytes > 0 && bytesPerSecond > 0
          ? Math.max(0, progress.totalBytes - progress.bytesRead) / bytesPerSecond
          : null,
    };
  };
}
