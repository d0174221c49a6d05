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

  async load(): Promise<void> {
    this.#formats = await call('formats.list', {});
    if (!this.#formats.some(({ id }) => id === this.#format)) this.#format = this.#formats[0]?.id ?? this.#format;
  }

  choose(format: string): void {
    this.#format = format;
    this.#done = null;
  }

  set(patch: Partial<ExportOptions>): void {
    this.#options = { ...this.#options, ...patch };
    this.#done = null;
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
      this.#saving = false;
    }
  }
}
