/** @file What the person wants to export, how it would look, and how saving goes. */
import type { CallOutput } from '#contract/calls.ts';
import { defaultExportOptions, type ExportFormat, type ExportOptions } from '#core/export-options.ts';
import { call, on } from '../api.ts';

const previewDelayMs = 250;

export class ExportState {
  #formats = $state.raw<ExportFormat[]>([]);
  #format = $state('csv');
  #options = $state.raw<ExportOptions>(defaultExportOptions);
  #preview = $state.raw<CallOutput<'export.preview'> | null>(null);
  #saving = $state(false);
  #written = $state(0);
  #done = $state.raw<NonNullable<CallOutput<'export.save'>> | null>(null);
  /** Files of keywords that can be as before. */
  #restorable = $state<number | null>(null);
  /** The person agreed that photos are written into; asked again each time. */
  confirmed = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #onError: (thrown: unknown) => void;

  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  get formats() {
    return this.#formats;
  }
  get format() {
    return this.#format;
  }
  get options() {
    return this.#options;
  }
  get preview() {
    return this.#preview;
  }
  get saving() {
    return this.#saving;
  }
  /** Rows written so far. */
  get written() {
    return this.#written;
  }
  get done() {
    return this.#done;
  }

  /** Written beside or inside the photos themselves. */
  get isPhotos() {
    return this.#formats.find(({ id }) => id === this.#format)?.target === 'photos';
  }

  /** Files that the newest export of keywords changed; null: there is nothing to take back. */
  get restorable() {
    return this.#restorable;
  }

  /** Something is missing that the person has to say first. */
  get unconfirmed() {
    return this.isPhotos && this.#options.keywords?.where === 'inside' && !this.confirmed;
  }

  async load(): Promise<void> {
    this.#formats = await call('formats.list', {});
    if (!this.#formats.some(({ id }) => id === this.#format)) this.#format = this.#formats[0]?.id ?? this.#format;
  }

  choose(format: string): void {
    this.#format = format;
    this.#done = null;
    this.confirmed = false;
  }

  /** Everything as in a preset. */
  use({ format, options }: { format: string; options: ExportOptions }): void {
    this.choose(format);
    this.#options = options;
  }

  set(patch: Partial<ExportOptions>): void {
    this.#options = { ...this.#options, ...patch };
    this.#done = null;
    this.confirmed = false;
  }

  /** Ask for the preview a moment after the last change. */
  previewSoon(datasetId: number): void {
    const [format, options] = [this.#format, this.#options];
    const asked = ++this.#asked;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        const preview = await call('export.preview', { datasetId, format, options });
        if (asked === this.#asked) this.#preview = preview;
      } catch (thrown) {
        this.#onError(thrown);
      }
    }, previewDelayMs);
  }

  async save(datasetId: number): Promise<void> {
    this.#saving = true;
    this.#written = 0;
    this.#done = null;
    const stop = on('export.progress', ({ rowCount }) => (this.#written = rowCount));
    try {
      this.#done = await call('export.save', { datasetId, format: this.#format, options: this.#options });
    } catch (thrown) {
      this.#onError(thrown);
    } finally {
      stop();
      this.confirmed = false;
      if (this.isPhotos) await this.askRestorable(datasetId);
      this.#saving = false;
    }
  }

  async askRestorable(datasetId: number): Promise<void> {
    const { restorable } = await call('keywords.state', { datasetId }).catch(() => ({ restorable: null }));
    this.#restorable = restorable;
  }

  /** Photos and sidecars as they were before the newest keywords. @returns files that are as before */
  async restore(datasetId: number): Promise<number | null> {
    this.#saving = true;
    this.#written = 0;
    this.#done = null;
    const stop = on('export.progress', ({ rowCount }) => (this.#written = rowCount));
    try {
      return (await call('keywords.restore', { datasetId })).changed;
    } catch (thrown) {
      this.#onError(thrown);
      return null;
    } finally {
      stop();
      await this.askRestorable(datasetId);
      this.#saving = false;
    }
  }
}
