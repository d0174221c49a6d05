/** @file Where a model can run. */

/** ONNX Runtime's execution providers that Labelwright knows how to ask for. */
export const executionProviders = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** What trying one out on this machine gave. */
export interface ProviderState {
  provider: ExecutionProvider;
  state: 'untried' | 'works' | 'fails' | 'not-offered';
  /** Why it fails, in the runtime's words. */
  reason: string | null;
  /** Largest difference of a score to the one of cpu, in [0, 1]. */
  maxDifference: number | null;
  /** Of the model it was tried with. */
  imagesPerSecond: number | null;
  /** Milliseconds since 1970. */
  triedMs: number | null;
}
