/** @file The datasets, what goes on in them, and which one is open. */
import type { Category } from '#core/category.ts';
import type { DatasetSummary } from '#core/dataset.ts';
import type { RunProgress, ScanProgress } from '#core/run.ts';
import { call, on } from '../api.ts';
import { throttle } from './throttle.ts';

const activeStates: ReadonlySet<RunProgress['state']> = new Set(['scanning', 'tuning', 'loading', 'running', 'paused']);

/** Whether the run still goes on, or could. */
export function isActive(run: RunProgress | null): boolean {
  return run !== null && activeStates.has(run.state);
}

export class LibraryState {
  #datasets = $state.raw<DatasetSummary[]>([]);
  #loaded = $state(false);
  #currentId = $state<number | null>(null);
  #runs = $state.raw<ReadonlyMap<number, RunProgress>>(new Map());
  #scans = $state.raw<ReadonlyMap<number, ScanProgress>>(new Map());
  #categories = $state.raw<Category[]>([]);
  #failureCount = $state(0);
  #onFinished: (run: RunProgress) => void;
  #onChange: () => void;
  #refreshSoon = throttle(() => void this.refresh().catch(() => undefined), 400);

  readonly current = $derived(this.#datasets.find(({ id }) => id === this.#currentId) ?? null);
  readonly run = $derived(this.#currentId === null ? null : this.runOf(this.#currentId));
  readonly scan = $derived(this.#currentId === null ? null : this.scanOf(this.#currentId));

  constructor(listeners: { onFinished: (run: RunProgress) => void; onChange: () => void }) {
    this.#onFinished = listeners.onFinished;
    this.#onChange = listeners.onChange;
  }

  get datasets() {
    return this.#datasets;
  }

  get loaded() {
    return this.#loaded;
  }

  get currentId() {
    return this.#currentId;
  }

  /** Of the open dataset. */
  get categories() {
    return this.#categories;
  }

  /** Files and folders of the open dataset that could not be read. */
  get failureCount() {
    return this.#failureCount;
  }

  runOf(datasetId: number): RunProgress | null {
    return this.#runs.get(datasetId) ?? this.#datasets.find(({ id }) => id === datasetId)?.run ?? null;
  }

  scanOf(datasetId: number): ScanProgress | null {
    const scan = this.#scans.get(datasetId) ?? this.#datasets.find(({ id }) => id === datasetId)?.scan ?? null;
    return scan?.finished ? null : scan;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    const stops = [
      on('run.progress', (run) => this.#takeRun(run)),
      on('scan.progress', (scan) => {
        this.#scans = new Map(this.#scans).set(scan.datasetId, scan);
        if (scan.finished) this.#refreshSoon();
      }),
      on('datasets.changed', () => this.#refreshSoon()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Ask again for the datasets and the categories of the open one. */
  async refresh(): Promise<void> {
    this.#datasets = await call('datasets.list', {});
    this.#loaded = true;
    if (!this.current) this.#currentId = this.#datasets[0]?.id ?? null;
    const id = this.#currentId;
    const categories = id === null ? [] : await call('categories.list', { datasetId: id });
    const failures = id === null ? 0 : (await call('failures.list', { datasetId: id, offset: 0, limit: 1 })).total;
    if (id === this.#currentId) {
      this.#categories = categories;
      this.#failureCount = failures;
    }
    this.#onChange();
  }

  open(datasetId: number): void {
    if (datasetId === this.#currentId) return;
    this.#currentId = datasetId;
    this.#categories = [];
    this.#refreshSoon();
  }

  /** Forget progress of a former life of the engine. */
  forgetProgress(): void {
    this.#runs = new Map();
    this.#scans = new Map();
  }

  #takeRun(run: RunProgress): void {
    const before = this.runOf(run.datasetId);
    this.#runs = new Map(this.#runs).set(run.datasetId, run);
    const wasActive = before?.runId !== run.runId || isActive(before);
    if (!isActive(run)) {
      const scans = new Map(this.#scans);
      scans.delete(run.datasetId);
      this.#scans = scans;
      if (wasActive) this.#onFinished(run);
    }
    this.#refreshSoon();
  }
}
