/** @file Exports, as the contract has them: previews, files, and pages of results for the command line. */
import { sep } from 'node:path';
import type { EventName, Events, Handlers } from '#contract/calls.ts';
import type { ExportOptions, ExportRow, LeftOut } from '#core/export-options.ts';
import type { KeywordResult } from '#core/keywords.ts';
import { previewExport, type Exporter, type ExportSource } from './export/exporter.ts';
import { exporterFor, exporters } from './export/index.ts';
import { writeExport } from './export/write-file.ts';
import { writeFolder } from './export/write-folder.ts';
import { openReader, type Database } from './store/database.ts';
import { exportLabels } from './store/export-labels.ts';
import { countExportRows, exportRows, pageEnd, type Tally } from './store/export-rows.ts';
import { idSet } from './store/id-set.ts';
import type { Store } from './store/store.ts';

/** Rows shown by a preview. */
const previewRows = 20;
/** Pictures left out that are told of by name. */
const namedLeftOut = 100;

type ExportCallName = 'formats.list' | 'export.preview' | 'export.write' | 'results.page';

/** @param duplicateGroups  a number for each picture that is nearly the same as others, the same for all of them */
export function exportHandlers(
  store: Store,
  libraryPath: string,
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void,
  duplicateGroups: (datasetId: number) => Promise<ReadonlyMap<number, number>>,
  writeKeywords: (
    datasetId: number,
    options: ExportOptions,
    onProgress: (done: number) => void,
  ) => Promise<KeywordResult>,
): Handlers<ExportCallName> {
  function source(
    db: Database,
    exporter: Exporter,
    datasetId: number,
    options: ExportOptions,
    told: { tally?: Tally; leaveOut?: ExportSource['leaveOut']; groups?: ReadonlyMap<number, number> } = {},
  ): ExportSource {
    const whole = options.paths === 'absolute' && exporter.absolutePaths;
    const rows: ExportSource['rows'] = (choice) =>
      exportRows(db, datasetId, options, { ...choice, ...(told.tally && { tally: told.tally }) });
    return {
      datasetName: store.datasets.get(datasetId).name,
      // Whole paths need no name of a folder in front to be told apart.
      folders: whole ? [] : store.datasets.sources(datasetId).map(({ folder }) => folder),
      rows: whole ? (choice) => withWholePaths(rows(choice)) : rows,
      categories: () => exportLabels(db, datasetId, options.level).categories,
      leaveOut: told.leaveOut ?? (() => {}),
      groupOf: (imageId) => told.groups?.get(imageId),
    };
  }

  /** One read snapshot for all passes of an export, beside the connection that goes on writing. */
  async function withSnapshot<Value>(use: (db: Database) => Value | Promise<Value>): Promise<Value> {
    await store.decisions.settled();
    const db = openReader(libraryPath);
    try {
      db.exec('BEGIN');
      return await use(db);
    } finally {
      db.close();
    }
  }

  return {
    'formats.list': () =>
      exporters.map(({ id, title, extension, target, absolutePaths }) => ({
        id,
        title,
        extension,
        target,
        absolutePaths,
      })),

    'export.preview': ({ datasetId, format, options }) =>
      withSnapshot(async (db) => {
        const exporter = exporterFor(format);
        const text = previewExport(exporter, source(db, exporter, datasetId, options), options, previewRows);
        return { text, rowCount: await countExportRows(db, datasetId, options) };
      }),

    'export.write': async ({ datasetId, format, options, path }) => {
      const exporter = exporterFor(format);
      if (exporter.target === 'photos') {
        await store.decisions.settled();
        const { changed, sizeBytes, leftOut } = await writeKeywords(datasetId, options, (done) =>
          emit('export.progress', { rowCount: done }),
        );
        return { path, companionPath: null, rowCount: changed, sizeBytes, leftOut };
      }
      return withSnapshot(async (db) => {
        const tally: Tally = { rows: 0 };
        const lastId = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck().get() ?? 0;
        const { leftOut, leaveOut } = listLeftOut(lastId);
        const groups = options.split ? await duplicateGroups(datasetId) : undefined;
        const rows = source(db, exporter, datasetId, options, { tally, leaveOut, ...(groups && { groups }) });
        const onProgress = () => emit('export.progress', { rowCount: tally.rows });
        if (exporter.target === 'folder') {
          const { pictures = 'copy' } = options;
          const { sizeBytes } = await writeFolder(path, exporter.entries(rows, options), {
            pictures,
            leaveOut,
            onProgress,
          });
          return { path, companionPath: null, rowCount: tally.rows, sizeBytes, leftOut };
        }
        const { sizeBytes } = await writeExport(path, exporter.write(rows, options), { onProgress });
        const companion = exporter.companion?.(rows);
        const companionPath = companion && `${path.replace(/\.[^./\\]*$/, '')}.${companion.extension}`;
        if (companionPath) await writeExport(companionPath, [companion.text]);
        return { path, companionPath: companionPath ?? null, rowCount: tally.rows, sizeBytes, leftOut };
      });
    },

    'results.page': ({ datasetId, options, afterId, limit }) => {
      const page = { afterId, imageLimit: limit };
      return {
        rows: [...exportRows(store.db, datasetId, options, { page })],
        nextAfterId: pageEnd(store.db, datasetId, page),
      };
    },
  };
}

function* withWholePaths(rows: Iterable<ExportRow>): Generator<ExportRow> {
  for (const row of rows) {
    const { source, fileName } = row;
    // Forward slashes as everywhere, on Windows too.
    yield { ...row, fileName: `${source.replaceAll(sep, '/').replace(/\/$/, '')}/${fileName}` };
  }
}

/** Each picture once, whatever passes tell of it. */
function listLeftOut(lastId: number): { leftOut: LeftOut; leaveOut: (row: ExportRow, reason: string) => void } {
  const leftOut: LeftOut = { count: 0, first: [] };
  const ids = idSet(lastId);
  return {
    leftOut,
    leaveOut({ imageId, fileName }, reason) {
      if (ids.has(imageId)) return;
      ids.add([imageId]);
      leftOut.count++;
      if (leftOut.first.length < namedLeftOut) leftOut.first.push({ fileName, reason });
    },
  };
}
