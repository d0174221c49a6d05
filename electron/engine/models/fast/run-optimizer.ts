/** @file The process that makes an integer form, from outside: started, listened to, ended. */
import type { Readable } from 'node:stream';
import { AppError } from '#core/errors.ts';
import { startSideProcess } from '../../inference/side-process.ts';
import type { FromOptimizer, OptimizeRequest, OptimizeResult, OptimizeStep } from './optimize-protocol.ts';

/** The largest ResNeXt on one slow core: a thousand photos, five times a second and a half each. */
const timeoutMs = 4 * 3_600_000;
/** What flows through the graph, several sessions, weights as they are rearranged for the processor. */
const memoryBaseBytes = 3 * 1024 ** 3;
const memoryPerFileByte = 6;

/**
 * @throws {AppError} as `findVariant`; 'inference.failed' if the process crashed or took too much; 'aborted'
 */
export async function runOptimizer(
  request: OptimizeRequest,
  { onProgress, signal }: { onProgress: (step: OptimizeStep) => void; signal: AbortSignal | undefined },
): Promise<OptimizeResult> {
  if (signal?.aborted) throw cancelled();
  const { child, end } = startSideProcess(processUrl(), request.folder, 'ignore');
  const { promise, resolve, reject } = Promise.withResolvers<OptimizeResult>();
  let verdict = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => (verdict += text));
  child.on('message', (message: FromOptimizer) => {
    if (message.type === 'progress') onProgress(message.progress);
    else if (message.type === 'made') resolve(message.result);
    else reject(AppError.deserialize(message.error));
  });
  child.once('error', (cause) => reject(new AppError('internal', 'The process did not start', { cause })));
  child.once('close', (exitCode, exitSignal) => reject(deathOf(verdict, exitSignal ?? `exit code ${exitCode}`)));
  const maxRssBytes = memoryBaseBytes + memoryPerFileByte * request.model.manifest.sizeBytes;
  child.send({ request, limits: { timeoutMs, maxRssBytes } }, () => undefined);
  const abort = () => reject(cancelled());
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await end();
  }
}

/** From source it is TypeScript beside this file; in the bundle it lies beside the engine's entry. */
function processUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./optimize-process.ts', import.meta.url)
    : new URL('./optimize.mjs', import.meta.url);
}

function deathOf(verdict: string, how: string): AppError {
  if (verdict === 'memory') return new AppError('inference.failed', 'Making the model faster took too much memory');
  if (verdict === 'time') return new AppError('inference.failed', 'Making the model faster took too long');
  return new AppError('inference.failed', `The process that makes the model faster crashed (${how})`);
}

function cancelled(): AppError {
  return new AppError('aborted', 'Making the model faster was cancelled');
}
