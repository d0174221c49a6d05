/** @file The queue of downloads: one at a time fetched, checked, converted, installed. */
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Handlers } from '#contract/calls.ts';
import type { CatalogueEntry, DownloadProgress } from '#core/catalogue.ts';
import { AppError } from '#core/errors.ts';
import type { ModelSpeed } from '#core/model.ts';
import { openRate, type Rate } from '../rate.ts';
import { catalogue, knownWeights } from './catalogue.ts';
import type { KnownWeights } from './catalogue/known-weights.ts';
import { describeBytes } from './download-answer.ts';
import { download, requireSpace } from './download.ts';
import { manualWay } from './manual-way.ts';
import { openHttp, type HttpOptions } from './http.ts';
import type { Imports } from './import/imports.ts';
import { installWeights } from './install-weights.ts';
import { mirrored } from './mirror.ts';
import { partPath } from './part-file.ts';

export interface DownloadsOptions {
  /** For files that can be fetched again; absolute. */
  cachePath: string;
  imports: Imports;
  /** Of all models there are. */
  installedIds: () => Promise<string[]>;
  settings: () => { proxy: string; mirror: string };
  /** Of the installed model, or of its architecture with random weights. */
  speeds?: (entry: KnownWeights) => ModelSpeed | null | Promise<ModelSpeed | null>;
  onProgress: (progress: DownloadProgress) => void;
  /** Only tests have reason to change it. */
  http?: Omit<HttpOptions, 'proxy'>;
  entries?: readonly KnownWeights[];
}

export interface Downloads extends AsyncDisposable {
  catalogue(): Promise<CatalogueEntry[]>;
  /** Asked for twice, it is fetched once. @throws {AppError} 'not-found', 'input.invalid', 'licence.required', 'disk.full' */
  start(entryId: string, licenceAccepted: boolean): Promise<void>;
  /** What has arrived is kept. */
  cancel(entryId: string): void;
  /** Those of this session, and what lies half fetched from earlier ones. */
  list(): Promise<DownloadProgress[]>;
}

interface Transfer {
  entry: KnownWeights;
  progress: DownloadProgress;
  rate: Rate;
  abort: AbortController;
  toldMs: number;
}

/** Progress is told at most so often, milliseconds. */
const tellEveryMs = 200;
/** Left free on the disk beside the file and the model made of it. */
const spareBytes = 64 * 1024 * 1024;
/** Protocol buffers, and so ONNX without files beside it, count bytes with 31 bits. */
const maxModelBytes = 2 ** 31 - 1;
const active: ReadonlySet<DownloadProgress['state']> = new Set(['waiting', 'downloading', 'converting']);

export function openDownloads(options: DownloadsOptions): Downloads {
  const { imports, installedIds, entries = catalogue } = options;
  const folder = join(options.cachePath, 'downloads');
  const transfers = new Map<string, Transfer>();
  const queue: Transfer[] = [];
  let working: Promise<void> | null = null;
  let closed = false;

  const fileOf = (entry: KnownWeights) => join(folder, `${entry.id}${extname(new URL(entry.url).pathname)}`);
  const find = (id: string) => entries.find((entry) => entry.id === id) ?? knownWeights(id);

  function tell(transfer: Transfer, change: Partial<DownloadProgress>): void {
    transfer.progress = { ...transfer.progress, ...change };
    transfer.toldMs = performance.now();
    options.onProgress(transfer.progress);
  }

  function arrived(transfer: Transfer, doneBytes: number, totalBytes: number | null): void {
    if (doneBytes < transfer.progress.doneBytes) transfer.rate.reset(); // begun again
    transfer.progress = { ...transfer.progress, doneBytes, totalBytes };
    if (performance.now() - transfer.toldMs < tellEveryMs) return;
    transfer.rate.add(doneBytes);
    const bytesPerSecond = transfer.rate.perSecond();
    const left = totalBytes === null || bytesPerSecond === null ? null : (totalBytes - doneBytes) / bytesPerSecond;
    tell(transfer, { bytesPerSecond, secondsLeft: left });
  }

  async function fetchFile(transfer: Transfer): Promise<string> {
    const { entry, abort } = transfer;
    const { proxy, mirror } = options.settings();
    const target = fileOf(entry);
    const { sha256, sizeBytes } = await download({
      url: mirrored(entry.url, mirror),
      target,
      http: openHttp({ ...options.http, proxy }),
      sha256: entry.sha256,
      sha256Prefix: entry.sha256Prefix,
      // The size is only about right; half and double leave room for another way of storing the same numbers.
      minBytes: Math.floor(entry.sizeBytes / 2),
      maxBytes: entry.sizeBytes * 2,
      spareBytes: entry.sizeBytes + spareBytes,
      signal: abort.signal,
      onProgress: (doneBytes, totalBytes) => arrived(transfer, doneBytes, totalBytes),
    });
    const progress = { doneBytes: sizeBytes, totalBytes: sizeBytes, sha256, bytesPerSecond: null, secondsLeft: null };
    tell(transfer, { ...progress, state: 'converting' });
    return target;
  }

  async function run(transfer: Transfer): Promise<void> {
    const { entry, abort } = transfer;
    try {
      tell(transfer, { state: 'downloading' });
      const file = await fetchFile(transfer);
      await installWeights(imports, entry, file, abort.signal).catch(async (thrown: unknown) => {
        // What cannot become a model now will not later; what was stopped or ran out of disk may.
        if (AppError.from(thrown).code.startsWith('model.') || AppError.from(thrown).code === 'download.corrupt') {
          await rm(file, { force: true });
        }
        throw thrown;
      });
      await rm(file, { force: true });
      tell(transfer, { state: 'finished' });
    } catch (thrown) {
      const stopped = { bytesPerSecond: null, secondsLeft: null };
      if (abort.signal.aborted) return tell(transfer, { ...stopped, state: 'cancelled' });
      const { code, message } = AppError.from(thrown);
      const byHand = code === 'network.failed' || code === 'download.corrupt' ? manualWay(entry) : null;
      tell(transfer, { ...stopped, state: 'failed', error: { code, message: sentence(message), byHand } });
    }
  }

  async function work(): Promise<void> {
    for (let next = queue.shift(); next && !closed; next = queue.shift()) {
      if (!next.abort.signal.aborted) await run(next);
    }
    working = null;
  }

  async function start(entryId: string, licenceAccepted: boolean): Promise<void> {
    const entry = find(entryId);
    const earlier = transfers.get(entry.id);
    if (earlier && active.has(earlier.progress.state) && !earlier.abort.signal.aborted) return;
    if (entry.nonCommercial && !licenceAccepted) {
      const message = `${entry.title} may not be used commercially (${entry.licence}); this has to be accepted first`;
      throw new AppError('licence.required', message, { details: { entryId: entry.id, licence: entry.licence } });
    }
    if (entry.sizeBytes > maxModelBytes) {
      const message = `${entry.title} would take ${describeBytes(entry.sizeBytes)} as a model, an ONNX file holds 2.15 GB at most`;
      throw new AppError('model.unsupported', message, { details: { sizeBytes: entry.sizeBytes } });
    }
    if ((await installedIds()).includes(entry.id)) {
      throw new AppError('input.invalid', `${entry.title} is among the models already`);
    }
    const there = await sizeOf(partPath(fileOf(entry)));
    await requireSpace(folder, Math.max(0, entry.sizeBytes - there) + entry.sizeBytes + spareBytes);
    // Asked for a second time while we looked at the disk.
    if (transfers.get(entry.id) !== earlier) return;
    const transfer: Transfer = {
      entry,
      progress: halted(entry.id, 'waiting', there, null),
      rate: openRate(),
      abort: new AbortController(),
      toldMs: -Infinity,
    };
    transfers.set(entry.id, transfer);
    queue.push(transfer);
    tell(transfer, {});
    working ??= work();
  }

  function cancel(entryId: string): void {
    const transfer = transfers.get(find(entryId).id);
    if (!transfer || !active.has(transfer.progress.state)) return;
    const waiting = transfer.progress.state === 'waiting';
    transfer.abort.abort();
    if (waiting) tell(transfer, { state: 'cancelled' });
  }

  /** Files of earlier sessions. */
  async function leftovers(): Promise<DownloadProgress[]> {
    const names = new Set(await readdir(folder).catch(() => []));
    const halves = entries.flatMap((entry) => {
      const file = fileOf(entry);
      const path = [partPath(file), file].find((candidate) => names.has(basename(candidate)));
      return path === undefined || transfers.has(entry.id) ? [] : [{ entry, path, whole: path === file }];
    });
    return Promise.all(
      halves.map(async ({ entry, path, whole }) => {
        const bytes = await sizeOf(path);
        return halted(entry.id, 'cancelled', bytes, whole ? bytes : null);
      }),
    );
  }

  return {
    async catalogue() {
      const installed = new Set(await installedIds());
      return Promise.all(
        entries.map(async ({ sha256Prefix: _, publishedName: __, ...entry }): Promise<CatalogueEntry> => {
          const speed = (await options.speeds?.(find(entry.id))) ?? null;
          return { ...entry, speed, installed: installed.has(entry.id) };
        }),
      );
    },
    start,
    cancel,
    list: async () => [...[...transfers.values()].map(({ progress }) => progress), ...(await leftovers())],
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const { abort } of transfers.values()) abort.abort();
      await working;
    },
  };
}

/** Handlers of the engine's calls. */
export function downloadHandlers(
  downloads: Downloads,
): Handlers<'catalogue.list' | 'downloads.start' | 'downloads.cancel' | 'downloads.list'> {
  return {
    'catalogue.list': () => downloads.catalogue(),
    'downloads.start': ({ entryId, licenceAccepted }) => downloads.start(entryId, licenceAccepted),
    'downloads.cancel': ({ entryId }) => downloads.cancel(entryId),
    'downloads.list': () => downloads.list(),
  };
}

function halted(
  entryId: string,
  state: DownloadProgress['state'],
  doneBytes: number,
  totalBytes: number | null,
): DownloadProgress {
  return { entryId, state, doneBytes, totalBytes, bytesPerSecond: null, secondsLeft: null, sha256: null, error: null };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
