/** @file Making the fast form of a model: one at a time, and it goes on while the person looks elsewhere. */
import { AppError } from '#core/errors.ts';
import type { AgreementReport, OptimizeProgress } from '#core/model.ts';
import { call, on } from '../api.ts';

/** How making one ended: with a report, or with what prevented it. */
export interface FastOutcome {
  modelId: string;
  report: AgreementReport | null;
  problem: AppError | null;
}

/** What happens in between is asked for elsewhere; these are the stages in their order. */
export const fastStages = ['reading', 'calibrating', 'choosing', 'checking', 'timing'] as const;

/** A rate of less time than this would jump about. */
const steadyMs = 1000;

export class FastState {
  #onEnd: (outcome: FastOutcome) => void;
  #modelId = $state<string | null>(null);
  #stopping = $state(false);
  #progress = $state.raw<OptimizeProgress | null>(null);
  #outcome = $state.raw<FastOutcome | null>(null);
  #stageBegin: { stage: OptimizeProgress['stage']; done: number; atMs: number } | null = null;
  #rate = $state<number | null>(null);
  #watchers = 0;
  #end: Promise<void> | null = null;

  /** @param onEnd  told when nobody watches any more */
  constructor(onEnd: (outcome: FastOutcome) => void) {
    this.#onEnd = onEnd;
  }

  /** The model whose fast form is being made. */
  get modelId() {
    return this.#modelId;
  }

  get stopping() {
    return this.#stopping;
  }

  /** Null until the first word from the engine. */
  get progress() {
    return this.#progress;
  }

  /** Photos per second of the stage at hand; null until it is steady. */
  get rate() {
    return this.#rate;
  }

  outcomeOf(modelId: string): FastOutcome | null {
    return this.#outcome?.modelId === modelId ? this.#outcome : null;
  }

  /** Somebody sees how it goes and ends. @returns the function that stops watching */
  watch(): () => void {
    this.#watchers++;
    return () => void this.#watchers--;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    return on('optimize.progress', (progress) => this.#take(progress));
  }

  /** @param datasetId  null takes photos of the whole library */
  async make(modelId: string, datasetId: number | null): Promise<void> {
    if (this.#modelId !== null) return;
    this.#modelId = modelId;
    this.#outcome = null;
    this.#end = this.#make(modelId, datasetId);
    await this.#end;
  }

  async #make(modelId: string, datasetId: number | null): Promise<void> {
    let outcome: FastOutcome | null = null;
    try {
      outcome = { modelId, report: await call('models.optimize', { modelId, datasetId }), problem: null };
    } catch (thrown) {
      const problem = AppError.from(thrown);
      if (problem.code !== 'aborted') outcome = { modelId, report: null, problem };
    } finally {
      this.#modelId = null;
      this.#stopping = false;
      this.#progress = null;
      this.#stageBegin = null;
      this.#rate = null;
    }
    this.#outcome = outcome;
    if (outcome && this.#watchers === 0) this.#onEnd(outcome);
  }

  /** Resolves when it has stopped, or has ended just before. */
  async stop(): Promise<void> {
    if (this.#modelId === null) return;
    this.#stopping = true;
    await call('models.optimize-cancel', {});
    await this.#end;
  }

  /** Begin anew: what an earlier attempt gave is seen. */
  forget(): void {
    this.#outcome = null;
  }

  async discard(modelId: string): Promise<void> {
    await call('models.discard-fast', { modelId });
    if (this.#outcome?.modelId === modelId) this.#outcome = null;
  }

  #take(progress: OptimizeProgress): void {
    if (progress.modelId !== this.#modelId) return;
    this.#progress = progress;
    const { stage, done } = progress;
    const atMs = performance.now();
    if (this.#stageBegin?.stage !== stage) {
      this.#stageBegin = { stage, done, atMs };
      this.#rate = null;
      return;
    }
    const elapsedMs = atMs - this.#stageBegin.atMs;
    const photos = done - this.#stageBegin.done;
    if (elapsedMs >= steadyMs && photos > 0) this.#rate = (photos * 1000) / elapsedMs;
  }
}
