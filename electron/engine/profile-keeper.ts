/** @file Keeps files in step: each is rewritten some quiet seconds after its dataset changed. */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';
import type { WriteProblem } from '#core/export-profile.ts';
import type { exportProfilesTable, StoredProfile } from './store/export-profiles.ts';

/** Nothing may have changed for so long, milliseconds. */
const quietMs = 5000;
/** While changes go on and on, as in a long run, a file is never older than this, milliseconds. */
const mostMs = 60_000;
/** What could not be written is tried again so much later, milliseconds: a drive may be back, a disk have room. */
const againMs = 60_000;
/** How long closing waits for files that are not in step yet, milliseconds. */
const closingMs = 3000;

export interface KeeperParts {
  profiles: ReturnType<typeof exportProfilesTable>;
  /** Writes the file of a profile that has one, as a whole. */
  write: (profile: StoredProfile) => Promise<void>;
  /** Something about a profile is to be shown again. */
  told: (datasetId: number | null) => void;
}

interface Waiting {
  timer: NodeJS.Timeout;
  sinceMs: number;
}

export function openProfileKeeper({ profiles, write, told }: KeeperParts) {
  /** By dataset: who asks often finds out cheaply that there is nothing to do. */
  let kept = new Map<number, StoredProfile[]>();
  const waiting = new Map<number, Waiting>();
  const writing = new Map<number, Promise<void>>();
  let closed = false;

  function look(): void {
    kept = Map.groupBy(
      profiles.kept().filter(({ path, datasetId }) => path !== null && datasetId !== null),
      ({ datasetId }) => datasetId!,
    );
    for (const [datasetId, { timer }] of waiting) {
      if (kept.has(datasetId)) continue;
      clearTimeout(timer);
      waiting.delete(datasetId);
    }
  }

  /** @returns whether it is to be tried again */
  async function writeOne(profile: StoredProfile): Promise<boolean> {
    const problem = await write(profile).then(() => null, problemOf);
    // Closed meanwhile, the library takes no more notes; the file is written all the same.
    if (closed) return false;
    if (problem) {
      // The same is told once, however often it is tried.
      if (profiles.get(profile.id)?.problem?.message === problem.message) return true;
      profiles.setProblem(profile.id, problem);
    } else profiles.setWritten(profile.id, Date.now());
    told(profile.datasetId);
    return problem !== null;
  }

  /** One after the other; a change while it is written waits for the next time. */
  function bring(datasetId: number): Promise<void> {
    clearTimeout(waiting.get(datasetId)?.timer);
    waiting.delete(datasetId);
    const before = writing.get(datasetId) ?? Promise.resolve();
    const work = before.then(async () => {
      let failed = false;
      for (const profile of kept.get(datasetId) ?? []) failed = (await writeOne(profile)) || failed;
      if (failed && kept.has(datasetId) && !waiting.has(datasetId)) wait(datasetId, Date.now(), againMs);
    });
    writing.set(datasetId, work);
    return work;
  }

  function wait(datasetId: number, sinceMs: number, waitMs: number): void {
    waiting.set(datasetId, { sinceMs, timer: setTimeout(() => void bring(datasetId), waitMs) });
  }

  function changed(datasetId: number): void {
    if (closed || !kept.has(datasetId)) return;
    const sinceMs = waiting.get(datasetId)?.sinceMs ?? Date.now();
    clearTimeout(waiting.get(datasetId)?.timer);
    wait(datasetId, sinceMs, Math.max(0, Math.min(quietMs, sinceMs + mostMs - Date.now())));
  }

  look();
  // Whatever happened before the last end may not be in the files.
  for (const datasetId of kept.keys()) changed(datasetId);

  return {
    /** What is shown of a dataset changed. */
    changed,
    /** Profiles were added, removed, stopped or begun. @param datasetId  to write soon */
    profilesChanged(datasetId: number | null): void {
      look();
      if (datasetId !== null) changed(datasetId);
    },
    async [Symbol.asyncDispose]() {
      const last = [...waiting.keys()].map(bring);
      await Promise.race([
        Promise.allSettled([...last, ...writing.values()]),
        delay(closingMs, undefined, { ref: false }),
      ]);
      closed = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
    },
  };
}

function problemOf(thrown: unknown): WriteProblem {
  const { code, message, details } = AppError.from(thrown);
  return { code, errno: typeof details['errno'] === 'string' ? details['errno'] : null, message };
}

export type ProfileKeeper = ReturnType<typeof openProfileKeeper>;
