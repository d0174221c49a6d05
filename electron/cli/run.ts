/** @file Follow one run to its end, through Ctrl-C, pauses with a reason and a restarted engine. */
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { RunProgress } from '#core/run.ts';
import type { EngineProcess } from '#host';
import type { Progress } from './progress.ts';

export interface RunRequest {
  datasetId: number;
  modelId: string | null;
  topK: number;
  /** On one core with low priority. */
  gentle: boolean;
}

export interface RunEnd {
  kind: 'finished' | 'interrupted' | 'stuck';
  /** Pictures that got a result now. */
  done: number;
  /** Why it is stuck: an error code. */
  reason: string | null;
}

/** How long the batches at hand may take after Ctrl-C before we leave without them, milliseconds. */
const patienceMs = 3000;

/**
 * Start the run and wait for its end.
 *
 * @param interrupted  fires at the first Ctrl-C: the run is paused, what is done stays done
 * @throws {AppError} whatever `run.start` refuses ('model.not-found', …), or 'engine.down'
 */
export async function followRun(
  engine: EngineProcess,
  { gentle, ...request }: RunRequest,
  progress: Progress,
  interrupted: AbortSignal,
): Promise<RunEnd> {
  const { datasetId } = request;
  const end = Promise.withResolvers<RunEnd>();
  // A restarted engine counts only what was left: keep the first total, and count back from it.
  let total = 0;
  let done = 0;
  let running = false;
  let started: Promise<unknown> = Promise.resolve();
  end.promise.catch(() => {}); // it may fail while nobody waits yet

  function onProgress(event: RunProgress): void {
    if (event.datasetId !== datasetId) return;
    if (event.state === 'running' || event.state === 'paused') total = Math.max(total, event.total);
    done = Math.max(done, total - (event.total - event.done));
    const { state, reason } = event;
    running = state === 'running';
    if (state === 'running' || (state === 'paused' && reason === null)) progress.run({ ...event, done, total });
    if (state === 'tuning') progress.tuning();
    if (state === 'finished') end.resolve({ kind: 'finished', done, reason: null });
    else if (state === 'failed') {
      // When it could not even begin, the answer to `run.start` follows and says more.
      started.then(
        () => end.reject(new AppError((reason ?? 'internal') as ErrorCode, 'The run failed')),
        () => {},
      );
    } else if (state === 'cancelled') end.resolve({ kind: 'interrupted', done, reason: null });
    else if (state === 'paused' && reason !== null) end.resolve({ kind: 'stuck', done, reason });
    else if (state === 'paused' && interrupted.aborted) end.resolve({ kind: 'interrupted', done, reason: null });
  }

  /** A new engine knows nothing of the wishes of the one before. */
  async function configure(): Promise<void> {
    if (!gentle) return;
    const plain = { threads: 0, batchSize: 0, provider: 'cpu', proxy: '', mirror: '', thumbnails: false } as const;
    await engine.call('engine.configure', { ...plain, gentle });
  }

  /** A call the engine died over is made again when it is back; any other failure ends the run. */
  function begin(): void {
    started = configure().then(() => engine.call('run.start', request));
    started.catch((thrown: unknown) => {
      if (AppError.from(thrown).code !== 'engine.down') end.reject(thrown);
    });
  }

  async function pause(): Promise<void> {
    const stopped = () => end.resolve({ kind: 'interrupted', done, reason: null });
    // The batches at hand still get their results; 'paused' comes after them. Before the first there is none to wait for.
    if (running) setTimeout(stopped, patienceMs).unref();
    await engine.call('run.pause', { datasetId });
    if (!running) stopped();
  }

  const forget = [
    engine.on('scan.progress', (event) => {
      if (event.datasetId === datasetId) progress.scan(event);
    }),
    engine.on('run.progress', onProgress),
    engine.on('engine.state', ({ state }) => {
      if (state === 'restarting') progress.note('The engine stopped unexpectedly and starts again.');
      if (state === 'ready') begin();
      if (state === 'down') end.reject(new AppError('engine.down', 'The engine stopped and did not come back'));
    }),
  ];
  const stop = () => void pause().catch(end.reject);
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    if (interrupted.aborted) return { kind: 'interrupted', done, reason: null };
    begin();
    return await end.promise;
  } finally {
    interrupted.removeEventListener('abort', stop);
    for (const off of forget) off();
  }
}
