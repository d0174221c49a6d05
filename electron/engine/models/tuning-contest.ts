/** @file Ten seconds in which the settings of a model are timed against each other, in a process of its own. */
import type { Tuning } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import { runContest } from '../inference/trial.ts';
import type { ContestResult, Entrant, Turn } from '../inference/trial-protocol.ts';
import type { InstalledModel } from './manifest.ts';
import { trialMemory, trialOf } from './measure.ts';
import { graphFacts, type GraphFacts } from './tuning-guess.ts';
import { sessionsThatFit } from './tuning-memory.ts';

export interface TuneOptions {
  /** Only 'cpu' is tuned. */
  provider: ExecutionProvider;
  /** For all sessions together. */
  cores: number;
  signal?: AbortSignal | undefined;
}

type Settings = Pick<Tuning, 'sessions' | 'threads' | 'batchSize' | 'mergeWidth'>;

/** Of each of the three contests, without loading. */
const stopAfterMs = 2_500;
const turnMs = 150;
const maxRounds = 9;
const timeoutMs = 120_000;
/** A merged graph is taken when it is faster than the original by more than what measurements differ. */
const minMergeGain = 1.02;
/** Fewer sessions take less memory, smaller batches too: they win when they are as fast to within a twentieth. */
const closeEnough = 0.95;
/** Four first: results are stored batch by batch, which costs a wait for the disk each time. */
const batchSizes = [4, 1, 8];
/** Of a core that one thread gets when nothing else wants it. */
const minCoreShare = 0.8;
/** Contests load every session they need at once. */
const maxSessions = 8;

/**
 * One question after the other: which width of groups (one thread), which sessions and threads, which batch size.
 *
 * @throws {AppError} 'model.invalid' with the reason if it does not run, 'model.corrupt', 'aborted'
 */
export async function tune(model: InstalledModel, options: TuneOptions): Promise<Tuning> {
  const facts = await graphFacts(model);
  const settings: Settings = { sessions: 1, threads: 1, batchSize: facts.fixedRows ?? 4, mergeWidth: 0 };

  const widths = [0, ...facts.mergeWidths];
  const merging = await contest(
    model,
    options,
    facts,
    widths.map((mergeWidth) => ({ ...settings, mergeWidth })),
  );
  settings.mergeWidth = widths[chooseMerged(merging.turns)]!;

  const layouts = layoutsOf(options.cores, sessionsThatFit(facts, merging.sessionBytes));
  const laidOut = await contest(
    model,
    options,
    facts,
    layouts.map((layout) => ({ ...settings, ...layout })),
  );
  // While other programs want the cores, more than one seems to gain nothing; the sessions would suffer for ever.
  const layout = isBusy(laidOut.turns[0]!) ? layouts.length - 1 : chooseFirst(laidOut.turns);
  Object.assign(settings, layouts[layout]!);
  let chosen = laidOut.turns[layout]!;

  if (facts.fixedRows === null) {
    const { turns } = await contest(
      model,
      options,
      facts,
      batchSizes.map((batchSize) => ({ ...settings, batchSize })),
    );
    settings.batchSize = batchSizes[chooseFirst(turns)]!;
    chosen = turns[chooseFirst(turns)]!;
  }
  return { ...settings, imagesPerSecond: speedOf(chosen), measuredMs: Date.now() };
}

function contest(
  model: InstalledModel,
  { signal }: TuneOptions,
  { fileBytes }: GraphFacts,
  settings: readonly Settings[],
): Promise<ContestResult> {
  const { file: path, ...picture } = trialOf(model);
  const entrants = settings.map(({ batchSize: rows, ...rest }): Entrant => ({
    ...rest,
    rows,
    file: { path, sha256: model.sha256 },
  }));
  const sessionCount = entrants.reduce((sum, { sessions }) => sum + sessions, 0);
  return runContest(
    // One alone has nothing to win; what it takes is of interest.
    { ...picture, entrants, maxRounds: entrants.length > 1 ? maxRounds : 1, stopAfterMs, turnMs },
    { timeoutMs, maxRssBytes: trialMemory(sessionCount * fileBytes), ...(signal && { signal }) },
  );
}

/**
 * Sessions side by side with the cores shared out between them, fewest first; one core alone too, in case more of them
 * gain nothing. The last one has the most sessions, which scale best where the cores are free.
 */
export function layoutsOf(cores: number, sessionLimit: number): Pick<Tuning, 'sessions' | 'threads'>[] {
  const layouts = [{ sessions: 1, threads: 1 }];
  for (let sessions = 1; sessions <= Math.min(cores, sessionLimit, maxSessions); sessions *= 2) {
    const threads = Math.floor(cores / sessions);
    if (threads > 1 || sessions > 1) layouts.push({ sessions, threads });
  }
  return layouts;
}

/**
 * By the processor's time, which other programs disturb least; one thread.
 *
 * @param turns  of the original first
 * @returns      the fastest, or 0 when it gains too little
 */
export function chooseMerged(turns: readonly (readonly Turn[])[]): number {
  const [original, ...merged] = turns;
  const gains = merged.map((each) =>
    median(each.map(({ cpuMsPerImage }, round) => original![round]!.cpuMsPerImage / cpuMsPerImage)),
  );
  const best = Math.max(...gains);
  return best >= minMergeGain ? gains.indexOf(best) + 1 : 0;
}

/** @returns the first that is nearly as fast as the fastest */
export function chooseFirst(turns: readonly (readonly Turn[])[]): number {
  const speeds = turns.map(speedOf);
  return speeds.findIndex((speed) => speed >= closeEnough * Math.max(...speeds));
}

/** @param turns  of one session with one thread */
export function isBusy(turns: readonly Turn[]): boolean {
  const shares = turns.map(({ cpuMsPerImage, imagesPerSecond }) => (cpuMsPerImage * imagesPerSecond) / 1000);
  return median(shares) < minCoreShare;
}

/** Of the best turn: the one that was disturbed least. */
function speedOf(turns: readonly Turn[]): number {
  return Math.max(...turns.map(({ imagesPerSecond }) => imagesPerSecond));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
