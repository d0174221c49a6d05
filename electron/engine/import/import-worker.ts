/** @file The thread that reads labels and finds the pictures they are for: a connection that only reads. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import type { ImportOptions, ImportPlan } from '#core/label-import.ts';
import { openReader } from '../store/database.ts';
import type { ImportedLabels } from '../store/review.ts';
import { findLabels, readBeginning } from './beginning.ts';
import { importerFor } from './index.ts';
import { planImport } from './plan.ts';
import type { FromImport, ImportThreadData, ToImport } from './protocol.ts';

/** How often the person hears of it, milliseconds. */
const tellMs = 200;

const port = parentPort!;
const { libraryPath, datasetId, path } = workerData as ImportThreadData;
let labels: ImportedLabels = { groups: [] };

function send(message: FromImport): void {
  port.postMessage(message);
}

async function plan(options: ImportOptions): Promise<Omit<ImportPlan, 'importId'>> {
  const { beginning, importer } =
    options.format === null
      ? await findLabels(path)
      : { beginning: await readBeginning(path), importer: importerFor(options.format) };
  if ((importer.target === 'folder') !== beginning.isFolder) {
    throw new AppError('input.invalid', `${importer.title} is read from a ${importer.target}`, {
      details: { reason: 'other-kind' },
    });
  }
  const totalBytes = beginning.isFolder ? 0 : (await stat(beginning.path)).size;
  let toldMs = 0;
  const db = openReader(libraryPath);
  try {
    // All of it sees one state of the library.
    db.exec('BEGIN');
    const table = (await importer.shape?.(beginning, options.table)) ?? null;
    const reading = { ...options, table: table?.mapping ?? options.table };
    const planned = await planImport(db, datasetId, importer, beginning, reading, (bytesRead, entryCount) => {
      if (performance.now() - toldMs < tellMs) return;
      toldMs = performance.now();
      send({ type: 'progress', bytesRead, totalBytes, entryCount });
    });
    ({ labels } = planned);
    return { fileName: basename(beginning.path), format: importer.id, table, ...planned.plan };
  } finally {
    db.close();
  }
}

port.on('message', (message: ToImport) => {
  if (message.type === 'labels') return send({ type: 'labels', labels });
  labels = { groups: [] };
  plan(message.options).then(
    (plan) => send({ type: 'plan', plan }),
    (thrown: unknown) => send({ type: 'failed', error: AppError.from(thrown).serialize() }),
  );
});
