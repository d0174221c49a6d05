/** @file When to learn: as soon as a person pauses, every few seconds while they decide, and what is left of the last time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { LearnState } from '#core/learn.ts';
import type { Store } from '../store/store.ts';
import type { LearnThread } from './learn-thread.ts';
import type { FittedHead, LearnCounts } from './protocol.ts';

const pauseMs = 1000;
const patienceMs = 5000;
/** A version grows with the decisions of so long; later ones begin a new one. */
const versionMs = 10 * 60_000;
/** How long one piece of writing may keep the engine from everything else, milliseconds. */
const pieceMs = 8;
const pieceRows = 4096;
/** After the start, so that it costs the start nothing. */
const resumeMs = 1500;

interface Work {
  working: LearnState['working'];
  counts: LearnCounts | null;
  timer: NodeJS.Timeout | undefined;
  dirtySinceMs: number | null;
  running: Promise<void> | null;
  /** Why it failed the last time nobody waited for it. */
  problem: ErrorCode | null;
  /** Where predicting goes on after it was interrupted. */
  from: number;
}

export interface Schedule extends AsyncDisposable {
  changed(datasetId: number): void;
  /** Learn now. Resolves when predictions are stored. */
  now(datasetId: number): Promise<void>;
  /** Scores as the current head gives them to the last digit, also where they moved too little to be news. */
  exactly(datasetId: number): Promise<void>;
  state(datasetId: number): Promise<LearnState>;
  reading(datasetId: number, done: number): void;
}

export function openSchedule(
  store: Store,
  thread: LearnThread,
  emit: (state: LearnState) => void,
  predicted: (datasetId: number) => void,
): Schedule {
  const all = new Map<number, Work>();
  let closed = false;
  const told = new Map<number, NodeJS.Timeout>();

  function workOf(datasetId: number): Work {
    let work = all.get(datasetId);
    if (!work) {
      work = {
        working: null,
        counts: null,
        timer: undefined,
        dirtySinceMs: null,
        running: null,
        problem: null,
        from: 0,
      };
      all.set(datasetId, work);
    }
    return work;
  }

  function stateOf(datasetId: number): LearnState {
    const { learn, multiLabel, held } = store.datasets.way(datasetId);
    const { working, counts, problem } = workOf(datasetId);
    const head = store.heads.summaries(datasetId).find(({ current }) => current) ?? null;
    const { exampleCount, categoryCount, embeddedCount } = counts ?? {
      exampleCount: 0,
      categoryCount: 0,
      embeddedCount: 0,
    };
    return {
      datasetId,
      mode: learn,
      multiLabel,
      working,
      head,
      exampleCount,
      categoryCount,
      embeddedCount,
      held,
      problem,
    };
  }

  /** At most four times a second, the last one never lost. */
  function tell(datasetId: number): void {
    if (told.has(datasetId) || closed) return;
    const timer = setTimeout(() => {
      told.delete(datasetId);
      if (!closed) emit(stateOf(datasetId));
    }, 250);
    timer.unref();
    told.set(datasetId, timer);
  }

  function progress(datasetId: number, working: LearnState['working']): void {
    workOf(datasetId).working = working;
    tell(datasetId);
  }

  function plan(datasetId: number): void {
    const work = workOf(datasetId);
    if (closed || work.running) return;
    clearTimeout(work.timer);
    const since = (work.dirtySinceMs ??= Date.now());
    const wait = Math.max(0, Math.min(pauseMs, since + patienceMs - Date.now()));
    work.timer = setTimeout(() => void runAlone(datasetId), wait);
    work.timer.unref();
  }

  /** Nobody waits for it: what goes wrong is told with the state, and to the log. Never rejects. */
  async function runAlone(datasetId: number): Promise<void> {
    try {
      await run(datasetId);
    } catch (thrown) {
      const { code, message, cause } = AppError.from(thrown);
      // Of a library that is being closed nobody wants to know.
      if (closed || code === 'aborted') return;
      workOf(datasetId).problem = code;
      tell(datasetId);
      const reason = cause instanceof Error ? ` (${cause.message})` : '';
      process.stderr.write(`Learning in dataset ${datasetId} failed: ${message}${reason}\n`);
    }
  }

  function run(datasetId: number): Promise<void> {
    const work = workOf(datasetId);
    clearTimeout(work.timer);
    if (work.running) return work.running.catch(() => {}).then(() => run(datasetId));
    work.dirtySinceMs = null;
    const learned = learn(datasetId).then(() => {
      work.problem = null;
    });
    work.running = learned.finally(() => {
      work.running = null;
      progress(datasetId, null);
      if (work.dirtySinceMs !== null) plan(datasetId);
    });
    return work.running;
  }

  async function learn(datasetId: number): Promise<void> {
    const { learn: mode, multiLabel, held } = store.datasets.way(datasetId);
    const before = store.heads.current(datasetId);
    if (mode === 'off' || (held && !before)) {
      store.heads.setCurrent(datasetId, null);
      return clear(datasetId);
    }
    if (held) return before!.settings.applied ? undefined : apply(datasetId, before!.runId);
    progress(datasetId, { stage: 'fitting', done: 0 });
    const isSameWay = before?.settings.mode === mode;
    const known = before && isSameWay ? before.settings.examples : null;
    const { head, ...counts } = await thread.ask('fit', {
      datasetId,
      multiLabel,
      mode,
      known,
      startRunId: before?.runId ?? null,
    });
    workOf(datasetId).counts = counts;
    tell(datasetId);
    if (head === 'too-few') {
      store.heads.setCurrent(datasetId, null);
      return clear(datasetId);
    }
    if (head !== 'same') keep(datasetId, head);
    await apply(datasetId, store.heads.currentRunId(datasetId)!);
  }

  function keep(datasetId: number, fitted: FittedHead): void {
    const before = store.heads.current(datasetId);
    const isWorking =
      before !== undefined &&
      !before.settings.kept &&
      before.modelName === fitted.modelName &&
      Date.now() - before.createdMs < versionMs;
    const { modelName, model, exampleCount, similarityLimit, accuracy, examples } = fitted;
    const { learn: mode } = store.datasets.way(datasetId);
    store.heads.put({
      runId: isWorking ? before.runId : null,
      datasetId,
      modelName,
      createdMs: isWorking ? before.createdMs : Date.now(),
      exampleCount,
      model,
      settings: { similarityLimit, mode, applied: false, kept: false, examples },
      accuracy,
    });
  }

  async function clear(datasetId: number): Promise<void> {
    let isDone = false;
    while (!isDone) {
      isDone = store.headPredictions.clear(datasetId, pieceMs);
      await nextTurn();
      if (closed) throw new AppError('aborted', 'The library was closed; the rest follows when it is opened again');
    }
    predicted(datasetId);
  }

  async function exactly(datasetId: number): Promise<void> {
    const work = workOf(datasetId);
    while (work.running) await work.running.catch(() => {});
    const runId = store.heads.currentRunId(datasetId);
    if (runId === null) return;
    work.from = 0;
    work.running = apply(datasetId, runId, true).finally(() => {
      work.running = null;
      progress(datasetId, null);
      if (work.dirtySinceMs !== null) plan(datasetId);
    });
    await work.running;
  }

  /** From where the last time was interrupted, round to there again. */
  async function apply(datasetId: number, runId: number, exact = false): Promise<void> {
    const work = workOf(datasetId);
    const { mode } = store.heads.get(runId)!.settings;
    const start = work.from;
    let [from, wrapped, done] = [start, start === 0, 0];
    for (;;) {
      const piece = await thread.ask('predict', { datasetId, runId, mode, from, limit: pieceRows, exact });
      const { changes, next, total } = piece;
      for (let row = 0; row < changes.imageIds.length;) {
        row = store.headPredictions.write(datasetId, runId, changes, row, pieceMs);
        await nextTurn();
        if (closed) throw new AppError('aborted', 'The library was closed; the rest follows when it is opened again');
      }
      if (changes.imageIds.length > 0) predicted(datasetId);
      done += pieceRows;
      progress(datasetId, { stage: 'predicting', done: Math.min(1, done / Math.max(1, total)) });
      if (next === null && wrapped) break;
      if (next === null) wrapped = true;
      from = next ?? 0;
      if (wrapped && start > 0 && from >= start) break;
      // Newer decisions make a better head; what is left is written with that one.
      if (!exact && work.dirtySinceMs !== null && Date.now() - work.dirtySinceMs > patienceMs) {
        work.from = from;
        return;
      }
    }
    work.from = 0;
    const head = store.heads.get(runId);
    if (head?.current) store.heads.setSettings(runId, { ...head.settings, applied: true });
  }

  const resume = setTimeout(() => {
    for (const datasetId of store.heads.unapplied()) void runAlone(datasetId);
  }, resumeMs);
  resume.unref();

  return {
    changed(datasetId) {
      const work = workOf(datasetId);
      work.dirtySinceMs ??= Date.now();
      plan(datasetId);
    },
    async now(datasetId) {
      await run(datasetId);
    },
    exactly,
    async state(datasetId) {
      const work = workOf(datasetId);
      store.datasets.get(datasetId);
      if (!work.running || !work.counts) work.counts = await thread.ask('counts', { datasetId });
      return stateOf(datasetId);
    },
    reading: (datasetId, done) => progress(datasetId, done >= 1 ? null : { stage: 'reading', done }),
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(resume);
      for (const timer of told.values()) clearTimeout(timer);
      for (const { timer } of all.values()) clearTimeout(timer);
      await Promise.allSettled([...all.values()].flatMap(({ running }) => running ?? []));
    },
  };
}
