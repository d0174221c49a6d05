/** @file Published weights, and what is being downloaded of them. */
import type { CatalogueEntry, DownloadProgress } from '#core/catalogue.ts';
import { AppError } from '#core/errors.ts';
import { call, on } from '../api.ts';

const activeStates: ReadonlySet<DownloadProgress['state']> = new Set(['waiting', 'downloading', 'converting']);

/** Whether it goes on by itself. */
export function isDownloading(download: DownloadProgress | null): boolean {
  return download !== null && activeStates.has(download.state);
}

export class CatalogueState {
  #entries = $state.raw<CatalogueEntry[]>([]);
  #downloads = $state.raw<ReadonlyMap<string, DownloadProgress>>(new Map());
  #onFinished: (entry: CatalogueEntry) => void;

  /** Downloads that go on. */
  readonly activeCount = $derived([...this.#downloads.values()].filter(isDownloading).length);

  constructor(onFinished: (entry: CatalogueEntry) => void) {
    this.#onFinished = onFinished;
  }

  get entries() {
    return this.#entries;
  }

  downloadOf(entryId: string): DownloadProgress | null {
    return this.#downloads.get(entryId) ?? null;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    const stops = [
      on('download.progress', (download) => this.#take(download)),
      on('models.changed', () => void this.reload()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    const [entries, downloads] = await Promise.all([call('catalogue.list', {}), call('downloads.list', {})]);
    this.#entries = entries;
    // What goes on is known to the engine, or it does not go on; what could not even begin is known only here.
    const settled = [...this.#downloads.values()].filter((download) => !isDownloading(download));
    this.#downloads = new Map([...settled, ...downloads].map((download) => [download.entryId, download]));
  }

  /** Begin, or go on where it stopped. What prevents it shows at the entry. */
  async start(entryId: string, licenceAccepted: boolean): Promise<void> {
    const before = this.downloadOf(entryId);
    if (isDownloading(before)) return;
    const begun: DownloadProgress = {
      entryId,
      state: 'waiting',
      doneBytes: before?.doneBytes ?? 0,
      totalBytes: before?.totalBytes ?? null,
      bytesPerSecond: null,
      secondsLeft: null,
      sha256: null,
      error: null,
    };
    this.#take(begun);
    try {
      await call('downloads.start', { entryId, licenceAccepted });
    } catch (thrown) {
      const { code, message } = AppError.from(thrown);
      // Its own last event may have said more already.
      if (isDownloading(this.downloadOf(entryId))) {
        this.#take({ ...begun, state: 'failed', error: { code, message, byHand: null } });
      }
    }
  }

  async cancel(entryId: string): Promise<void> {
    await call('downloads.cancel', { entryId });
  }

  #take(download: DownloadProgress): void {
    const before = this.downloadOf(download.entryId);
    this.#downloads = new Map(this.#downloads).set(download.entryId, download);
    if (download.state !== 'finished' || before?.state === 'finished') return;
    const entry = this.#entries.find(({ id }) => id === download.entryId);
    this.#entries = this.#entries.map((other) => (other === entry ? { ...other, installed: true } : other));
    if (entry) this.#onFinished(entry);
    void this.reload();
  }

  /** Ask again, if anybody has looked at it. */
  async reload(): Promise<void> {
    if (this.#entries.length > 0) await this.load().catch(() => undefined);
  }
}
