/** @file How every session is made, so that what was tried is what will run. */
import type { InferenceSession } from 'onnxruntime-node';
import type { ExecutionProvider } from '#core/providers.ts';

/** @param threads  intra-op */
export function sessionOptions(provider: ExecutionProvider, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // A plan of memory for each batch size costs as much again as what it plans (ResNeXt-50: 40 MB), and no time.
    enableMemPattern: false,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Spinning threads burn the cores that decode the next pictures.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
