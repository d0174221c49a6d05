/** @file Write the labels of a dataset as keywords beside or inside its photos, and take the newest export back. */
import { dirname } from 'node:path';
import type { EngineCallName, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { isChosenReview, reviewChoiceOf, type ExportOptions, type LeftOut } from '#core/export-options.ts';
import type { KeywordPlace, KeywordResult } from '#core/keywords.ts';
import { removeLeftovers } from '../export/write-file.ts';
import { keywordFields, keywordPaths } from '../export/xmp.ts';
import { exportLabels } from '../store/export-labels.ts';
import { exportRows, pageEnd } from '../store/export-rows.ts';
import { keywordsTable, type KeywordImage } from '../store/keywords.ts';
import type { Store } from '../store/store.ts';
import { openExifTool } from './exiftool.ts';
import { keywordFiles, keywordPath, type Replacement } from './keyword-file.ts';
import { discard, replaceFiles, settleDoubts } from './replace-files.ts';
import { isEmpty, type Fields } from './words.ts';

/** Pictures between two flushes of the library to the disk. */
const pageImages = 64;
/** Files worked on at the same time: one for each process of ExifTool. */
const lanes = 2;
/** Pictures left out that are told of by name. */
const namedLeftOut = 100;

type KeywordCallName = Extract<EngineCallName, `keywords.${string}`>;

export interface Keywords extends AsyncDisposable {
  handlers: Handlers<KeywordCallName>;
  /** @throws {AppError} 'busy'; 'export.failed' if Perl is missing for photos; what single files lack is in the result */
  write: (datasetId: number, options: ExportOptions, onProgress: (done: number) => void) => Promise<KeywordResult>;
}

/** One picture's file to look at. */
interface Work {
  image: KeywordImage;
  prepare(): Promise<Replacement | null>;
}

/** Before anything scans: a photo that was replaced when the engine ended must not look like another one. */
export async function openKeywords(store: Store, emit: (done: number) => void = () => {}): Promise<Keywords> {
  const table = keywordsTable(store.db);
  await settleDoubts(table);
  let atWork: { datasetId: number; cancel: AbortController; finished: Promise<unknown> } | undefined;

  async function exclusively<Value>(datasetId: number, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    if (atWork) throw new AppError('busy', 'Keywords are being written already');
    const cancel = new AbortController();
    const finished = work(cancel.signal);
    atWork = { datasetId, cancel, finished };
    try {
      return await finished;
    } finally {
      atWork = undefined;
    }
  }

  function tally(onProgress: (done: number) => void) {
    const leftOut: LeftOut = { count: 0, first: [] };
    const result: KeywordResult = { changed: 0, unchanged: 0, sizeBytes: 0, leftOut };
    const folders = new Set<string>();
    const leaveOut = (fileName: string, reason: string) => {
      leftOut.count++;
      if (leftOut.first.length < namedLeftOut) leftOut.first.push({ fileName, reason });
    };

    /** Some pictures: all new versions are made, then all are put in place. */
    async function work(page: readonly Work[], signal: AbortSignal): Promise<void> {
      const files: Replacement[] = [];
      const names = new Map<number, string>();
      const waiting = page.values();
      const lane = async () => {
        for (const one of waiting) {
          if (signal.aborted) return;
          const { image } = one;
          names.set(image.imageId, image.path);
          try {
            const file = await one.prepare();
            if (file) files.push(file);
            else result.unchanged++;
          } catch (thrown) {
            leaveOut(image.path, AppError.from(thrown).message);
          }
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      if (signal.aborted) {
        await Promise.all(files.map(discard));
        return;
      }
      await replaceFiles(table, files, ({ step }, error) => {
        leaveOut(names.get(step.imageId) ?? '', error.message);
        result.changed--;
      });
      for (const { path, sizeBytes } of files) {
        result.changed++;
        result.sizeBytes += sizeBytes;
        folders.add(dirname(path));
      }
      onProgress(result.changed + result.unchanged + leftOut.count);
    }

    async function finish(): Promise<KeywordResult> {
      for (const folder of folders) await removeLeftovers(folder);
      return result;
    }
    return { work, finish, leaveOut };
  }

  async function write(datasetId: number, options: ExportOptions, onProgress: (done: number) => void) {
    const place = options.keywords?.where ?? 'sidecar';
    const keepTime = options.keywords?.keepTime ?? true;
    return exclusively(datasetId, async (signal) => {
      await using tool = openExifTool();
      if (place === 'inside') await tool.check();
      const files = keywordFiles(tool);
      const paths = keywordPaths(exportLabels(store.db, datasetId, options.level).categories);
      const exportId = table.begin(datasetId);
      const { work, finish, leaveOut } = tally(onProgress);
      const taken = new Map<string, string>();

      /** @returns undefined if there is nothing to do, or if it is told as left out */
      function workFor(imageId: number, wanted: Fields | string): Work | undefined {
        const image = table.image(imageId);
        const kept = table.get(imageId, place);
        if (!image) return undefined;
        if (typeof wanted === 'string') return void leaveOut(image.path, wanted);
        if (isEmpty(wanted) && (!kept?.now || isEmpty(kept.now.ours))) return undefined;
        if (place === 'sidecar-lightroom') {
          const path = keywordPath(image, place);
          const other = taken.get(path);
          if (other !== undefined) return void leaveOut(image.path, `Its sidecar is the one of ${other}`);
          taken.set(path, image.path);
        }
        return { image, prepare: () => files.prepare({ image, place, kept, wanted, exportId, keepTime }) };
      }

      for (let afterId: number | null = 0; afterId !== null && !signal.aborted;) {
        const page = { afterId, imageLimit: pageImages };
        // Those that are not reviewed lose what an earlier export wrote, so all are gone through.
        const rows = [...exportRows(store.db, datasetId, { ...options, review: 'all' }, { page })];
        const found: Work[] = [];
        const choice = reviewChoiceOf(options);
        for (const [imageId, labels] of Map.groupBy(rows, (row) => row.imageId)) {
          const counts = isChosenReview(choice, labels[0]!.review);
          const ids = counts ? labels.flatMap(({ categoryId }) => categoryId ?? []) : [];
          const one = workFor(imageId, keywordFields(ids, paths));
          if (one) found.push(one);
        }
        await work(found, signal);
        afterId = pageEnd(store.db, datasetId, page);
      }
      return finish();
    });
  }

  async function restore(datasetId: number): Promise<KeywordResult> {
    const exportId = table.newest(datasetId);
    if (exportId === undefined) throw new AppError('not-found', 'There is no export of keywords to take back');
    return exclusively(datasetId, async (signal) => {
      await using tool = openExifTool();
      const files = keywordFiles(tool);
      const { work, finish } = tally(emit);
      for (let afterId = 0; !signal.aborted;) {
        const page = table.ofExport(exportId, afterId, pageImages);
        if (page.length === 0) break;
        await work(
          page.flatMap(([imageId, place]) => restoring(files, imageId, place) ?? []),
          signal,
        );
        afterId = page.at(-1)![0];
      }
      // Cancelled half-way, the rest can still go back.
      if (!signal.aborted) table.forget(datasetId);
      return finish();
    });
  }

  function restoring(files: ReturnType<typeof keywordFiles>, imageId: number, place: KeywordPlace): Work | undefined {
    const image = table.image(imageId);
    const kept = table.get(imageId, place);
    return image && { image, prepare: () => files.prepareRestore({ image, place, kept, keepTime: true }) };
  }

  return {
    write,
    handlers: {
      'keywords.state': ({ datasetId }) => {
        const exportId = table.newest(datasetId);
        return { restorable: exportId === undefined ? null : table.count(exportId), busy: atWork !== undefined };
      },
      'keywords.restore': ({ datasetId }) => restore(datasetId),
      'keywords.cancel': ({ datasetId }) => {
        if (atWork?.datasetId === datasetId) atWork.cancel.abort();
      },
    },
    async [Symbol.asyncDispose]() {
      atWork?.cancel.abort();
      await atWork?.finished.catch(() => {});
    },
  };
}
