/** @file Labels of another tool on their way in: a file chosen, a plan looked at, taken over or put away. */
import type { DecisionResult } from '#contract/calls.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';
import {
  defaultImportOptions,
  type ConflictRule,
  type ImportFormat,
  type ImportOptions,
  type ImportPlan,
  invalidFiles,
  type InvalidFile,
  type LabelImportProgress,
  type TableMapping,
} from '#core/label-import.ts';
import { call, on } from '../api.ts';
import { openPace, type ReadingPace } from './reading-pace.ts';

/** Planning begins so long after the last change, milliseconds. */
const planDelayMs = 250;

export interface LabelProblem {
  /** Reading the file, reading it in another way, or taking it over. */
  at: 'file' | 'plan' | 'import';
  code: ErrorCode;
  /** In the engine's words. */
  message: string;
  /** One of `invalidFiles`, where the engine says so. */
  reason: InvalidFile | null;
}

export class LabelImport {
  #datasetId: number;
  #formats = $state.raw<ImportFormat[]>([]);
  #plan = $state.raw<ImportPlan | null>(null);
  #options = $state.raw<ImportOptions>(defaultImportOptions);
  #busy = $state<'choosing' | 'planning' | 'importing' | null>(null);
  #progress = $state.raw<LabelImportProgress | null>(null);
  #pace = $state.raw<ReadingPace | null>(null);
  /** The person wants out while it is taken over. */
  #stopping = $state(false);
  #problem = $state.raw<LabelProblem | null>(null);
  /** The plan is of other options than those shown. */
  #stale = $state(false);
  /** The person let pictures have several categories for this import. */
  #letSeveral = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  conflicts = $state<ConflictRule>('keep');

  readonly step = $derived.by(() => {
    if (this.#busy === 'importing') return 'importing';
    if (this.#plan) return 'decide';
    return this.#busy === 'choosing' ? 'reading' : 'choose';
  });
  /** Pictures that "Import" would change. */
  readonly changes = $derived.by(() =>
    this.#plan ? this.#plan.fresh + (this.conflicts === 'keep' ? 0 : this.#plan.conflicts) : 0,
  );
  /** What is shown is what would be taken over. */
  readonly ready = $derived.by(() => this.#plan !== null && !this.#stale && this.#busy === null && !this.#problem);

  constructor(datasetId: number) {
    this.#datasetId = datasetId;
  }

  get plan() {
    return this.#plan;
  }

  get options() {
    return this.#options;
  }

  get busy() {
    return this.#busy;
  }

  get progress() {
    return this.#progress;
  }

  /** Null while nobody can tell. */
  get pace() {
    return this.#pace;
  }

  /** What was taken over is being taken back. */
  get stopping() {
    return this.#stopping;
  }

  /** Why the last step failed. */
  get problem() {
    return this.#problem;
  }

  /** Columns as they are chosen now, null unless the file is a table. */
  get table(): TableMapping | null {
    return this.#options.table ?? this.#plan?.table?.mapping ?? null;
  }

  /** Formats that this file or folder may have. */
  get formats(): ImportFormat[] {
    const read = this.#formats.find(({ id }) => id === this.#plan?.format);
    return read ? this.#formats.filter(({ target }) => target === read.target) : this.#formats;
  }

  /** Ask for a file or folder, and read it. */
  async choose(target: ImportFormat['target']): Promise<void> {
    if (this.#busy) return;
    this.#busy = 'choosing';
    this.#problem = null;
    const stop = this.#follow();
    try {
      if (this.#formats.length === 0) this.#formats = await call('labels.formats', {});
      const plan = await call('labels.choose', { datasetId: this.#datasetId, target });
      if (!plan) return;
      this.#plan = plan;
      this.#options = { ...defaultImportOptions };
      this.#stale = false;
      this.conflicts = 'keep';
    } catch (thrown) {
      // The engine reads one file at a time, so the one before is gone, too.
      this.#plan = null;
      this.#fail('file', thrown);
    } finally {
      stop();
      this.#busy = null;
      // Reading a large file takes longer than some people wait.
      if (this.#closed) void this.#discard();
    }
  }

  /** Back to choosing a file. */
  async reset(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#discard();
    this.#problem = null;
  }

  /** Read it in another way a moment after the last change. */
  set(patch: Partial<ImportOptions>): void {
    // Columns of one format say nothing about those of another.
    const table = patch.format === undefined ? this.#options.table : null;
    this.#options = { ...this.#options, table, ...patch };
    this.#planSoon();
  }

  setTable(patch: Partial<TableMapping>): void {
    const { table } = this;
    if (table) this.set({ table: { ...table, ...patch } });
  }

  /** Where pictures have one category, let them have several, and look again. */
  async letSeveral(): Promise<void> {
    try {
      await call('datasets.configure', { datasetId: this.#datasetId, multiLabel: true });
      this.#letSeveral = true;
      this.#planSoon();
    } catch (thrown) {
      this.#fail('plan', thrown);
    }
  }

  /** Take it over as one step. @returns what was done; null when it failed or was stopped */
  async import(): Promise<DecisionResult | null> {
    const plan = this.#plan;
    if (!plan || !this.ready) return null;
    this.#busy = 'importing';
    this.#progress = null;
    try {
      const done = await call('labels.import', { importId: plan.importId, conflicts: this.conflicts });
      this.#plan = null;
      if (this.#stopping) {
        // The sheet is still over everything, so nobody has decided anything since.
        if (done.changed > 0) await call('review.undo', { datasetId: this.#datasetId });
        return null;
      }
      this.#letSeveral = false;
      return done;
    } catch (thrown) {
      this.#fail('import', thrown);
      return null;
    } finally {
      this.#busy = null;
      // Pictures that may have one category again, if that is how it was.
      if (this.#stopping && !this.#problem) await this.#discard();
    }
  }

  /**
   * Stop what goes on and forget what was read.
   *
   * @returns  false while it is taken over: then all of it is taken back first, and `import` says when
   */
  close(): boolean {
    if (this.#busy === 'importing') {
      this.#stopping = true;
      return false;
    }
    this.#closed = true;
    clearTimeout(this.#timer);
    void this.#discard();
    return true;
  }

  #planSoon(): void {
    this.#stale = true;
    this.#problem = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), planDelayMs);
  }

  /** One reading at a time: what changes meanwhile is read afterwards. */
  async #read(): Promise<void> {
    if (this.#busy === 'planning') return;
    this.#busy = 'planning';
    const stop = this.#follow();
    try {
      while (this.#stale && this.#plan && !this.#closed) {
        const { importId } = this.#plan;
        const options = this.#options;
        this.#stale = false;
        this.#problem = null;
        const plan = await call('labels.plan', { importId, options }).catch((thrown: unknown) => {
          // The sheet stays: another format or another column may be the right one.
          if (options === this.#options) this.#fail('plan', thrown);
        });
        if (plan && this.#plan?.importId === importId) this.#plan = plan;
      }
    } finally {
      stop();
      this.#busy = null;
    }
  }

  #follow(): () => void {
    this.#progress = null;
    this.#pace = null;
    const paceOf = openPace();
    return on('labels.progress', (progress) => {
      this.#progress = progress;
      this.#pace = paceOf(progress, performance.now());
    });
  }

  async #discard(): Promise<void> {
    const importId = this.#plan?.importId ?? this.#progress?.importId;
    this.#plan = null;
    this.#progress = null;
    this.#options = defaultImportOptions;
    if (importId !== undefined) await call('labels.discard', { importId }).catch(() => undefined);
    if (!this.#letSeveral) return;
    // Nothing was taken over, so pictures go on having one.
    this.#letSeveral = false;
    await call('datasets.configure', { datasetId: this.#datasetId, multiLabel: false }).catch(() => undefined);
  }

  #fail(at: LabelProblem['at'], thrown: unknown): void {
    const { code, message, details } = AppError.from(thrown);
    const reason = invalidFiles.find((one) => one === details['reason']) ?? null;
    if (code !== 'aborted') this.#problem = { at, code, message, reason };
  }
}
