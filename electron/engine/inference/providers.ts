/** @file Which execution providers really run a model here, each tried in a process of its own and compared with cpu. */
import { AppError } from '#core/errors.ts';
import { executionProviders, type ExecutionProvider, type ProviderState } from '#core/providers.ts';
import type { Machine } from '../models/machine.ts';
import type { InstalledModel } from '../models/manifest.ts';
import { fixedRows, trialMemory, trialOf, typicalMs } from '../models/measure.ts';
import { calibratedScores } from './calibrated-scores.ts';
import { listBackends, runTrial } from './trial.ts';
import type { TrialResult } from './trial-protocol.ts';

export interface Providers {
  /** All that Labelwright knows, with what trying them gave on this machine. */
  list(): Promise<ProviderState[]>;
  /**
   * Try every provider that the runtime offers here with one model; remembered.
   *
   * @throws {AppError} 'model.invalid' if the model does not even run on cpu, 'inference.failed', 'aborted'
   */
  probe(model: InstalledModel, options: { threads: number; signal?: AbortSignal }): Promise<ProviderState[]>;
}

const rows = 4;
const repeat = 5;
/** A driver that compiles its programs at the first run may take seconds for it. */
const stopAfterMs = 8_000;
const timeoutMs = 120_000;
/**
 * Scores differ a little wherever sums are added in another order; graphics cards that multiply in ten bits (TF32,
 * half precision) reach a few thousandths. Beyond this, labels would change.
 */
const maxScoreDifference = 0.01;

export function openProviders(machine: Machine): Providers {
  /** Asked once: it cannot change while the engine runs. */
  let offered: Promise<ReadonlySet<string>> | undefined;

  async function offers(): Promise<ReadonlySet<string>> {
    offered ??= listBackends().then(({ backends }) => new Set(backends.map(({ name }) => name)));
    try {
      return await offered;
    } catch (thrown) {
      offered = undefined;
      throw thrown;
    }
  }

  async function attempt(
    provider: ExecutionProvider,
    model: InstalledModel,
    { threads, signal }: { threads: number; signal?: AbortSignal },
  ): Promise<{ scores: Float32Array; imagesPerSecond: number }> {
    const picture = trialOf(model);
    const count = fixedRows(picture.file) ?? rows;
    const result = await runTrial(
      { ...picture, provider, threads, batches: [{ rows: count, repeat, stopAfterMs }] },
      { timeoutMs, maxRssBytes: trialMemory(model.manifest.sizeBytes), ...(signal && { signal }) },
    );
    const milliseconds = typicalMs(result.batches[0]!.milliseconds);
    return { scores: scoresOf(result, model, count), imagesPerSecond: (count * 1000) / milliseconds };
  }

  return {
    async list() {
      const known = machine.providers();
      const names = await offers();
      return executionProviders.map((provider) => {
        if (!names.has(provider)) return notOffered(provider);
        return known.find((state) => state.provider === provider) ?? untried(provider);
      });
    },

    async probe(model, options) {
      const names = await offers();
      const reference = await attempt('cpu', model, options);
      const states: ProviderState[] = [];
      for (const provider of executionProviders) {
        if (!names.has(provider)) {
          states.push(notOffered(provider));
          continue;
        }
        try {
          const found = provider === 'cpu' ? reference : await attempt(provider, model, options);
          states.push(judge(provider, found, reference.scores));
        } catch (thrown) {
          const error = AppError.from(thrown);
          if (error.code !== 'provider.failed') throw error;
          states.push({ ...untried(provider), state: 'fails', reason: error.message, triedMs: Date.now() });
        }
      }
      machine.rememberProviders(states);
      return states;
    },
  };
}

function untried(provider: ExecutionProvider): ProviderState {
  return { provider, state: 'untried', reason: null, maxDifference: null, imagesPerSecond: null, triedMs: null };
}

function notOffered(provider: ExecutionProvider): ProviderState {
  const reason = `ONNX Runtime has no ${provider} on ${process.platform} ${process.arch}`;
  return { ...untried(provider), state: 'not-offered', reason };
}

function judge(
  provider: ExecutionProvider,
  { scores, imagesPerSecond }: { scores: Float32Array; imagesPerSecond: number },
  reference: Float32Array,
): ProviderState {
  const maxDifference = largestDifference(scores, reference);
  const agrees = maxDifference <= maxScoreDifference;
  return {
    provider,
    state: agrees ? 'works' : 'fails',
    reason: agrees ? null : `Its scores differ from those of cpu by up to ${maxDifference.toFixed(3)}`,
    maxDifference,
    imagesPerSecond,
    triedMs: Date.now(),
  };
}

/** 1, the most there can be, where one of them is no number or the shapes differ. */
function largestDifference(scores: Float32Array, reference: Float32Array): number {
  if (scores.length !== reference.length) return 1;
  let largest = 0;
  for (let index = 0; index < scores.length; index++) {
    const difference = Math.abs(scores[index]! - reference[index]!);
    largest = difference >= 0 ? Math.max(largest, difference) : 1;
  }
  return largest;
}

/** @returns shape [rows, C], row by row */
function scoresOf({ batches }: TrialResult, { manifest }: InstalledModel, count: number): Float32Array {
  const { outputs } = manifest;
  const name = outputs.scores ?? outputs.logits!;
  const values = batches[0]!.outputs[name]?.values;
  if (!values) throw new AppError('model.invalid', `The model has no output "${name}"`);
  const classCount = values.length / count;
  const scores = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += classCount) {
    scores.set(calibratedScores(values.subarray(at, at + classCount), manifest), at);
  }
  return scores;
}
