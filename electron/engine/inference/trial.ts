/** @file Trying a model in a process of its own, which may crash, hang or eat memory without harm to the engine. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '#core/errors.ts';
import { runtimeWords } from './runtime-words.ts';
import { startSideProcess } from './side-process.ts';
import type {
  Backend,
  ContestRequest,
  ContestResult,
  FromTrial,
  ToTrial,
  TrialLimits,
  TrialRequest,
  TrialResult,
} from './trial-protocol.ts';

export interface TrialOptions {
  /** From start to answer. */
  timeoutMs: number;
  /** Resident memory of the process, looked at every 50 ms; the runtime itself takes about 100 MB. */
  maxRssBytes: number;
  signal?: AbortSignal;
}

/** Listing what the runtime offers takes 0.1 s, on a sleeping disk a few. */
const listTimeoutMs = 30_000;
const maxLogLength = 16 * 1024;

/**
 * Load the model and run it as asked, in an empty folder of its own.
 *
 * @throws {AppError} 'model.invalid' with the reason: it does not load, run or fit, crashes, takes too long or too much
 *   memory; 'provider.failed' likewise on a provider other than cpu; 'aborted'
 */
export async function runTrial(request: TrialRequest, options: TrialOptions): Promise<TrialResult> {
  const { timeoutMs, maxRssBytes, signal } = options;
  const code = request.provider === 'cpu' ? 'model.invalid' : 'provider.failed';
  const answer = await ask({ type: 'run', request, limits: { timeoutMs, maxRssBytes } }, { timeoutMs, signal }, code);
  if (answer.type !== 'ran') throw new AppError('internal', 'The trial gave no result');
  return answer.result;
}

/**
 * Time several ways to run models against each other, turn by turn. They share the process, so memory is counted
 * together.
 *
 * @throws {AppError} as {@link runTrial} on cpu
 */
export async function runContest(request: ContestRequest, options: TrialOptions): Promise<ContestResult> {
  const { timeoutMs, maxRssBytes, signal } = options;
  const message: ToTrial = { type: 'contest', request, limits: { timeoutMs, maxRssBytes } };
  const answer = await ask(message, { timeoutMs, signal }, 'model.invalid');
  if (answer.type !== 'contested') throw new AppError('internal', 'The trial gave no result');
  return answer.result;
}

/** What the runtime says it was built with. @throws {AppError} 'inference.failed' if it does not load on this machine */
export async function listBackends(): Promise<{ backends: Backend[]; runtimeVersion: string }> {
  const answer = await ask({ type: 'backends' }, { timeoutMs: listTimeoutMs, signal: undefined }, 'inference.failed');
  if (answer.type !== 'backends') throw new AppError('internal', 'The runtime lists no providers');
  return answer;
}

async function ask(
  message: ToTrial,
  options: { timeoutMs: number; signal: AbortSignal | undefined },
  code: 'model.invalid' | 'provider.failed' | 'inference.failed',
): Promise<FromTrial> {
  if (options.signal?.aborted) throw new AppError('aborted', 'The trial was cancelled');
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-trial-'));
  const { child, end } = startSideProcess(processUrl(), folder, 'pipe');
  try {
    return await converse(child, message, options, code);
  } finally {
    await end();
    await rm(folder, { recursive: true, force: true });
  }
}

function converse(
  child: ChildProcess,
  message: ToTrial,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
  code: 'model.invalid' | 'provider.failed' | 'inference.failed',
): Promise<FromTrial> {
  const log = collect(child.stderr!);
  const verdict = collect(child.stdio[4] as Readable);
  const { promise, resolve, reject } = Promise.withResolvers<FromTrial>();
  const limits: TrialLimits | null = message.type === 'backends' ? null : message.limits;
  const tooSlow = () => new AppError(code, `The model gave no answer in ${timeoutMs / 1000} s`);

  child.once('message', (answer: FromTrial) => {
    if (answer.type === 'failed') reject(withLog(AppError.deserialize(answer.error), log()));
    else resolve(answer);
  });
  child.once('error', (cause) => reject(new AppError('internal', 'The trial process did not start', { cause })));
  // After 'close' everything that was written has been read.
  child.once('close', (exitCode, exitSignal) => {
    if (verdict() === 'time') return reject(tooSlow());
    if (verdict() === 'memory') {
      const megabytes = Math.round(limits!.maxRssBytes / 1024 ** 2);
      return reject(new AppError(code, `The model needs more than ${megabytes} MB of memory`));
    }
    const how = exitSignal ?? `exit code ${exitCode}`;
    reject(new AppError(code, `The model crashed while it was tried (${how})`, { details: { log: log() } }));
  });
  child.send(message, () => undefined);

  const timer = setTimeout(() => reject(tooSlow()), timeoutMs);
  const abort = () => reject(new AppError('aborted', 'The trial was cancelled'));
  signal?.addEventListener('abort', abort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length < maxLogLength) text += chunk;
  });
  return () => text;
}

/** The libraries of a provider explain themselves on stderr only: which file is missing, which driver. */
function withLog(error: AppError, log: string): AppError {
  if (error.code !== 'provider.failed') return error;
  const line = /[^\n]*(?:Failed to load library|Couldn't load)[^\n]*/.exec(log)?.[0];
  if (line === undefined) return error;
  // Of a library's path, the name is enough.
  const words = runtimeWords(line).replaceAll(/(?<=^|\s)\/\S+\//g, '');
  return new AppError('provider.failed', `${error.message} (${words})`, { details: { log } });
}

/** From source it is TypeScript beside this file; in the bundle it lies beside the engine's entry. */
function processUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./trial-process.ts', import.meta.url)
    : new URL('./trial.mjs', import.meta.url);
}
