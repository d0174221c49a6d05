/** @file Several ways to run models, timed against each other in one process: turn by turn, so that what else the machine does hits all alike. */
import { Worker } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import type { ContestantData, FromContestant, ToContestant } from './trial-contestant.ts';
import type { ContestRequest, ContestResult, Entrant, TrialPicture, Turn } from './trial-protocol.ts';

const minRounds = 2;

/**
 * @param entry  of the threads
 * @throws {AppError} 'model.invalid', 'model.not-found', 'model.corrupt'
 */
export async function runContest(request: ContestRequest, entry: URL): Promise<ContestResult> {
  const { entrants, maxRounds, stopAfterMs, turnMs } = request;
  const { width, height, values } = request;
  const { teams, sessionBytes } = await gather(entrants, { width, height, values }, entry);
  // The first run with a number of pictures allocates.
  for (const [index, { rows }] of entrants.entries()) await takeTurn(teams[index]!, { rows, turnMs: 0 });

  const turns: Turn[][] = entrants.map(() => []);
  const started = performance.now();
  for (let round = 0; round < maxRounds; round++) {
    if (round >= minRounds && performance.now() - started > stopAfterMs) break;
    const order = entrants.map((_, index) => (round % 2 === 0 ? index : entrants.length - 1 - index));
    for (const index of order) {
      turns[index]!.push(await takeTurn(teams[index]!, { rows: entrants[index]!.rows, turnMs }));
    }
  }
  return { turns, sessionBytes };
}

interface Contestant {
  run(turn: ToContestant): Promise<Extract<FromContestant, { type: 'turn' }>>;
}

interface Gathered {
  /** By entrant. */
  teams: Contestant[][];
  sessionBytes: number;
}

/** One after the other, as a run loads them; each runs once. */
async function gather(entrants: readonly Entrant[], picture: TrialPicture, entry: URL): Promise<Gathered> {
  const alike = new Map<string, Contestant[]>();
  const teams: Contestant[][] = [];
  /** After each contestant. */
  const residentBytes = [process.memoryUsage.rss()];
  for (const { file, mergeWidth, threads, sessions, rows } of entrants) {
    const key = JSON.stringify([file.path, mergeWidth, threads]);
    const contestants = alike.get(key) ?? [];
    alike.set(key, contestants);
    while (contestants.length < sessions) {
      const contestant = await openContestant({ entrant: { file, mergeWidth, threads }, picture }, entry);
      await contestant.run({ rows, turnMs: 0 });
      contestants.push(contestant);
      residentBytes.push(process.memoryUsage.rss());
    }
    teams.push(contestants.slice(0, sessions));
  }
  // The first one brings along what all of them share: the runtime's own code.
  const [from, ...rest] = residentBytes.length > 2 ? residentBytes.slice(1) : residentBytes;
  return { teams, sessionBytes: Math.max(0, rest.at(-1)! - from!) / rest.length };
}

async function openContestant(data: ContestantData, entry: URL): Promise<Contestant> {
  const worker = new Worker(entry, { workerData: data });
  let waiting = Promise.withResolvers<FromContestant>();
  const answer = async <Type extends FromContestant['type']>(type: Type) => {
    const message = await waiting.promise;
    waiting = Promise.withResolvers();
    if (message.type === 'failed') throw AppError.deserialize(message.error);
    if (message.type !== type) throw new AppError('internal', 'A thread of the trial gave no result');
    return message as Extract<FromContestant, { type: Type }>;
  };
  worker.on('message', (message: FromContestant) => waiting.resolve(message));
  worker.on('error', (cause) => waiting.reject(cause));
  await answer('ready');
  return {
    run(turn) {
      worker.postMessage(turn);
      return answer('turn');
    },
  };
}

async function takeTurn(team: readonly Contestant[], turn: ToContestant): Promise<Turn> {
  const before = process.cpuUsage();
  const results = await Promise.all(team.map((contestant) => contestant.run(turn)));
  const { user, system } = process.cpuUsage(before);
  const images = results.reduce((sum, result) => sum + result.images, 0);
  return {
    imagesPerSecond: results.reduce((sum, result) => sum + result.imagesPerSecond, 0),
    cpuMsPerImage: (user + system) / 1000 / images,
  };
}
