/** @file The engine as seen by its hosts: started, kept alive, called. The one door of this layer. */
import { AppError } from '#core/errors.ts';
import type { CallInput, CallName, CallOutput, EventName, Events } from '#contract/calls.ts';
import type { Caller } from '#contract/channel.ts';
import { spawnEngine, type EndReason, type EngineChild, type EngineEnd } from './engine-child.ts';
import { repeatableCalls } from './repeatable-calls.ts';
import { RestartBudget } from './restart-budget.ts';

export interface EngineOptions {
  /** Node binary that runs the engine. */
  nodePath: string;
  /** The engine's entry file. */
  entry: string;
  libraryPath: string;
  /** For thumbnails and other files that can be made again. */
  cachePath: string;
  /** Folders holding model folders, first found wins. */
  modelsPaths: readonly string[];
  /** What the engine writes to stderr, line by line. */
  onLog?: (line: string) => void;
  timing?: Partial<EngineTiming>;
  /** Gives up a start that takes too long for the person; afterwards dispose of the engine instead. */
  signal?: AbortSignal;
}

export interface EngineTiming {
  pingIntervalMs: number;
  /** Unanswered for so long, the engine counts as hanging. Pings are counted, so that a suspended computer is no hang. */
  hangMs: number;
  /** The same while the library opens: checking or migrating a large one takes long and answers nothing. */
  startMs: number;
  /** Time to finish the batch at hand when stopping. */
  stopMs: number;
}

const defaultTiming: EngineTiming = { pingIntervalMs: 2_000, hangMs: 20_000, startMs: 120_000, stopMs: 3_000 };

/** The first restart comes at once; an engine that dies again and again must not burn the processor. */
const restartDelaysMs = [0, 100, 250, 500, 1_000];

export interface EngineProcess extends Caller, AsyncDisposable {
  /** Of the process at this moment; undefined between two of them. */
  readonly pid: number | undefined;
}

/**
 * Start the engine and supervise it: after an unexpected end it is started again, at most 5 times a minute.
 * Calls made meanwhile wait; calls under way fail with 'engine.down', or are repeated once when they only read.
 *
 * @returns  when the library is open
 * @throws {AppError} the engine's own reason for not starting ('store.locked', 'store.from-future', …),
 *                    or 'engine.down' when it cannot be started at all
 */
export async function openEngine(options: EngineOptions): Promise<EngineProcess> {
  const timing = { ...defaultTiming, ...options.timing };
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const budget = new RestartBudget(restartDelaysMs.length, 60_000);
  let child: EngineChild | undefined;
  let turn = nextTurn();
  let restartTimer: NodeJS.Timeout | undefined;
  let stopping = false;

  function emit<Name extends EventName>(name: Name, payload: Events[Name]): void {
    for (const listener of [...(listeners.get(name) ?? [])]) (listener as (payload: Events[Name]) => void)(payload);
  }

  function start(after: EndReason | null): void {
    const started = spawnEngine(options, timing, after, {
      onReady() {
        turn.resolve(started);
        emit('engine.state', { state: 'ready', message: null });
      },
      onEvent: (name, payload) => emit(name, payload as never),
      onEnd,
    });
    child = started;
  }

  // Runs before the waiting calls are rejected, so that a repeated call waits for the next process.
  function onEnd(end: EngineEnd): void {
    child = undefined;
    if (turn.settled) turn = nextTurn();
    if (stopping) return turn.reject(end.error);
    const attempt = end.refusal ? null : budget.take(performance.now());
    if (attempt === null) return goDown(end.refusal ?? tooOften(end));

    emit('engine.state', { state: 'restarting', message: end.error.message });
    restartTimer = setTimeout(() => start(end.reason), restartDelaysMs[attempt]);
  }

  function goDown(reason: AppError): void {
    turn.reject(reason);
    emit('engine.state', { state: 'down', message: reason.message });
  }

  async function call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
    const first = await turn.promise;
    try {
      return await first.call(name, input);
    } catch (thrown) {
      if (thrown !== first.death || stopping || !repeatableCalls.has(name)) throw thrown;
    }
    return (await turn.promise).call(name, input);
  }

  async function stop(): Promise<void> {
    stopping = true;
    clearTimeout(restartTimer);
    const last = child;
    if (!last) {
      turn.reject(new AppError('engine.down', 'The engine has been stopped'));
      return;
    }
    last.call('engine.stop', {}).catch(() => undefined); // its end is the answer that counts
    const timer = setTimeout(() => last.kill(), timing.stopMs);
    await last.ended;
    clearTimeout(timer);
  }

  const giveUp = () => void stop();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  start(null);
  await turn.promise.finally(() => options.signal?.removeEventListener('abort', giveUp));

  return {
    get pid() {
      return child?.pid;
    },
    call,
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function tooOften(end: EngineEnd): AppError {
  return new AppError('engine.down', 'The engine stopped too often and stays stopped', {
    details: { reason: end.reason, ...end.error.details },
    cause: end.error,
  });
}

/** The promise of a process that is ready. Rejected while nobody waits, it is no error. */
function nextTurn() {
  const { promise, resolve, reject } = Promise.withResolvers<EngineChild>();
  promise.catch(() => undefined);
  const turn = {
    promise,
    settled: false,
    resolve(child: EngineChild) {
      turn.settled = true;
      resolve(child);
    },
    reject(reason: AppError) {
      turn.settled = true;
      reject(reason);
    },
  };
  return turn;
}
