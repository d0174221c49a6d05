/** @file One engine process from its start to its end: messages, heartbeat, and why it ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '#core/errors.ts';
import type { EventName } from '#contract/calls.ts';
import { connect, type Caller, type Message } from '#contract/channel.ts';
import type { EngineOptions, EngineTiming } from './engine-process.ts';

/**
 * Told to the next engine, which then suspects the pictures that were in flight:
 * 'crash' of native code or an uncaught error, 'hang' (killed by us), 'killed' by somebody else (or out of memory).
 */
export type EndReason = 'crash' | 'hang' | 'killed';

export interface EngineEnd {
  reason: EndReason;
  /** Why it would not start, in its own words; starting it again would not help. */
  refusal: AppError | null;
  /** 'engine.down': what every waiting call is rejected with. */
  error: AppError;
}

export interface EngineChild {
  readonly pid: number | undefined;
  readonly call: Caller['call'];
  /** The error its waiting calls were rejected with; undefined while it lives. */
  readonly death: AppError | undefined;
  readonly ended: Promise<void>;
  kill(): void;
}

export interface EngineChildHooks {
  /** The library is open and calls are answered. */
  onReady(): void;
  onEvent(name: EventName, payload: unknown): void;
  /** Once, before waiting calls are rejected. */
  onEnd(end: EngineEnd): void;
}

/** Signals of native faults. Anything else came from outside. */
const faults: ReadonlySet<NodeJS.Signals> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

/** After the exit, messages may still lie in the pipe; a grandchild holding it open must not delay the restart. */
const drainMs = 300;

/** Start an engine process. Never throws: a failed start is an end with a refusal. */
export function spawnEngine(
  options: EngineOptions,
  timing: EngineTiming,
  after: EndReason | null,
  hooks: EngineChildHooks,
): EngineChild {
  const ended = Promise.withResolvers<void>();
  const { process: child, spawnError } = spawnProcess(options, after);
  const channel = connect((message) => send(message));
  let ready = false;
  let hanging = false;
  let refusal: AppError | null = null;
  let death: AppError | undefined;
  let unansweredPings = 0;

  function send(message: Message): void {
    // The pipe may close at any moment; the exit that follows rejects whoever waits.
    child?.send(message, () => undefined);
  }

  function receive(message: Message): void {
    if (message.type === 'pong') unansweredPings = 0;
    else if (message.type === 'event') hooks.onEvent(message.name, message.payload);
    else if (message.type === 'answer' && message.id === 0) {
      if (!message.result.ok) refusal = AppError.deserialize(message.result.error);
    } else channel.receive(message);
  }

  const heartbeat = setInterval(() => {
    const limitMs = ready ? timing.hangMs : timing.startMs;
    if (unansweredPings * timing.pingIntervalMs >= limitMs) {
      hanging = true;
      child?.kill('SIGKILL');
    } else {
      unansweredPings++;
      send({ type: 'ping' });
    }
  }, timing.pingIntervalMs);

  function finish(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (death) return;
    clearInterval(heartbeat);
    const reason = hanging ? 'hang' : (signal ? faults.has(signal) : exitCode !== 0) ? 'crash' : 'killed';
    death = new AppError('engine.down', 'The engine stopped unexpectedly', { details: { reason, exitCode, signal } });
    hooks.onEnd({ reason, refusal, error: death });
    channel.close(death);
    ended.resolve();
  }

  function fail(cause: Error): void {
    refusal ??= new AppError('engine.down', 'The engine could not be started', { cause });
    finish(null, null);
  }

  if (child) {
    child.on('message', receive);
    child.on('error', (cause) => {
      if (child.pid === undefined) fail(cause);
    });
    child.on('exit', (exitCode, signal) => {
      const timer = setTimeout(() => finish(exitCode, signal), drainMs);
      child.once('close', () => {
        clearTimeout(timer);
        finish(exitCode, signal);
      });
    });
    if (child.stderr) createInterface(child.stderr).on('line', (line) => options.onLog?.(line));

    channel.call('engine.info', {}).then(
      () => {
        ready = true;
        unansweredPings = 0;
        hooks.onReady();
      },
      // An engine that answers, but with an error, has refused; one that died says so by its exit.
      (thrown: unknown) => {
        if (death) return;
        refusal ??= AppError.from(thrown);
        child.kill('SIGKILL');
      },
    );
  } else queueMicrotask(() => fail(spawnError));

  return {
    pid: child?.pid,
    call: (name, input) => channel.call(name, input),
    get death() {
      return death;
    },
    ended: ended.promise,
    kill: () => void child?.kill('SIGKILL'),
  };
}

/**
 * Megabytes of each half of V8's young generation: what rows and messages leave behind is cleared before it grows. An
 * export of four million rows then peaks at two thirds of the memory.
 */
const youngHalfMegabytes = 4;

type Spawned = { process: ChildProcess; spawnError?: never } | { process?: never; spawnError: Error };

function spawnProcess(options: EngineOptions, after: EndReason | null): Spawned {
  const runtime = [`--max-semi-space-size=${youngHalfMegabytes}`];
  const args = [...runtime, options.entry, '--library', options.libraryPath, '--cache', options.cachePath];
  for (const folder of options.modelsPaths) args.push('--models', folder);
  if (after) args.push('--after', after);
  try {
    const child = spawn(options.nodePath, args, {
      cwd: emptyFolder(options.cachePath),
      env: engineEnvironment(options.cachePath),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json', // the two sides may run different V8 versions
      windowsHide: true,
    });
    return { process: child };
  } catch (thrown) {
    return { spawnError: thrown as Error };
  }
}

/** An ONNX file may name other files relative to the working directory: there are none in this one. */
function emptyFolder(cachePath: string): string {
  const folder = join(cachePath, 'empty');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  return folder;
}

function engineEnvironment(cachePath: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    // sharp decodes on libuv's pool, at most one picture for each core; three files are read ahead beside it, and one
    // thread is left for everything else, or a slow disk would keep pictures in memory from being decoded.
    UV_THREADPOOL_SIZE: String(Math.min(64, availableParallelism()) + 4),
    VIPS_BLOCK_UNTRUSTED: '1',
    // The next start finds its code compiled; Node compares it with the files.
    NODE_COMPILE_CACHE: join(cachePath, 'code'),
  };
  // Meant for the host, if at all: they would change what the engine loads or is.
  for (const name of ['NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'NODE_PATH']) delete environment[name];
  return environment;
}
