/** @file A model file on its way in: chosen, recognised, decided about, added. */
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { ImportProgress, ImportProposal } from '#core/model-import.ts';
import { call, on } from '../api.ts';
import {
  choicesOf,
  draftOf,
  issuesOf,
  own,
  preprocessOf,
  type DraftIssue,
  type ImportDraft,
} from './import-choices.ts';

export interface ImportProblem {
  /** Reading the file, reading a list of labels, or adding. */
  at: 'file' | 'labels' | 'adding';
  code: ErrorCode;
  /** In the engine's words: the first thing that does not fit. */
  message: string;
}

export class ImportState {
  #takenIds: () => string[];
  #looking = $state(false);
  #proposal = $state.raw<ImportProposal | null>(null);
  #draft = $state.raw<ImportDraft | null>(null);
  #progress = $state.raw<ImportProgress | null>(null);
  #adding = $state(false);
  #addedId = $state<string | null>(null);
  #problem = $state.raw<ImportProblem | null>(null);
  #closed = false;

  readonly step = $derived.by(() => {
    if (this.#addedId !== null) return 'added';
    if (this.#adding) return 'adding';
    if (this.#looking) return 'looking';
    return this.#proposal === null ? 'choose' : 'decide';
  });
  readonly issues = $derived.by(() => (this.#draft ? issuesOf(this.#draft, this.#takenIds()) : new Set<DraftIssue>()));

  constructor(takenIds: () => string[]) {
    this.#takenIds = takenIds;
  }

  get proposal() {
    return this.#proposal;
  }

  get draft() {
    return this.#draft;
  }

  /** Of the import that goes on. */
  get progress() {
    return this.#progress;
  }

  get addedId() {
    return this.#addedId;
  }

  /** Why the last step failed. */
  get problem() {
    return this.#problem;
  }

  /** Ask for a file or a folder, and look at it. */
  async choose(kind: 'file' | 'folder'): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#problem = null;
    try {
      const proposal = await call('models.choose', { kind });
      if (!proposal) return;
      this.#forget();
      this.#proposal = proposal;
      // Looking at a large file takes longer than some people wait.
      if (this.#closed) return void this.close();
      this.#draft = draftOf(proposal);
    } catch (thrown) {
      this.#forget();
      this.#fail('file', thrown);
    } finally {
      this.#looking = false;
    }
  }

  /** Back to choosing a file. */
  reset(): void {
    this.#forget();
    this.#problem = null;
  }

  async chooseLabels(): Promise<void> {
    const importId = this.#proposal?.importId;
    if (importId === undefined) return;
    this.#problem = null;
    try {
      const proposal = await call('models.choose-labels', { importId });
      if (!proposal || this.#proposal?.importId !== importId) return;
      this.#proposal = proposal;
      this.set({ labels: 'file' });
    } catch (thrown) {
      this.#fail('labels', thrown);
    }
  }

  set(patch: Partial<ImportDraft>): void {
    if (!this.#draft || !this.#proposal) return;
    // Whoever begins to edit starts from what was chosen.
    const begins = patch.preprocess === own && this.#draft.preprocess !== own;
    const start = begins ? { ownPreprocess: preprocessOf(this.#draft, this.#proposal) } : {};
    this.#draft = { ...this.#draft, ...start, ...patch };
    this.#problem = null;
  }

  async add(): Promise<void> {
    const [proposal, draft] = [this.#proposal, this.#draft];
    if (!proposal || !draft || this.#adding || this.issues.size > 0) return;
    const { importId } = proposal;
    this.#adding = true;
    this.#problem = null;
    this.#progress = { importId, step: 'reading', share: null };
    const stop = on('import.progress', (progress) => {
      if (progress.importId === importId) this.#progress = progress;
    });
    try {
      this.#addedId = (await call('models.import', { importId, choices: choicesOf(draft) })).modelId;
    } catch (thrown) {
      if (AppError.from(thrown).code === 'aborted') this.#forget();
      else this.#fail('adding', thrown);
    } finally {
      stop();
      this.#adding = false;
      this.#progress = null;
    }
  }

  /** Stop what goes on, forget what was recognised. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const importId = this.#addedId === null ? this.#proposal?.importId : undefined;
    if (importId !== undefined) await call('models.import-cancel', { importId }).catch(() => undefined);
  }

  #fail(at: ImportProblem['at'], thrown: unknown): void {
    const { code, message } = AppError.from(thrown);
    this.#problem = { at, code, message };
  }

  #forget(): void {
    if (!this.#adding) void this.#drop();
    this.#proposal = null;
    this.#draft = null;
    this.#addedId = null;
  }
}
