/**
 * @file Write a million synthetic rows in one format, then print time and how much memory it took as JSON. A process of its own,
 * so that the figure is of the export alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseRows } from '../../../electron/engine/export/exporter.ts';
import { writeExport } from '../../../electron/engine/export/write-file.ts';
import { categories, dataOptions, exportSource, fileExporter, row } from './source.ts';

const rowCount = 1_000_000;

function* rows() {
  for (let imageId = 1; imageId <= rowCount; imageId++) {
    const { id: categoryId, name: label } = categories[imageId % 2]!;
    const fileName = `2024/day ${imageId % 365}/IMG_${imageId}.jpg`;
    yield row({ imageId, fileName, categoryId, label, score: 1 / (1 + (imageId % 97)), rank: 1, origin: 'prediction' });
  }
}

const folder = await mkdtemp(join(tmpdir(), 'labelwright-million-'));
try {
  const beforeKilobytes = process.resourceUsage().maxRSS;
  const started = performance.now();
  const source = exportSource([], { folders: ['/photos/spring'], rows: (choice) => chooseRows(rows(), choice) });
  const { sizeBytes } = await writeExport(
    join(folder, 'labels'),
    fileExporter(process.argv[2]!).write(source, dataOptions),
  );
  const peakKilobytes = process.resourceUsage().maxRSS;
  const addedMegabytes = (peakKilobytes - beforeKilobytes) / 1024;
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ rowCount, sizeBytes, seconds, peakMegabytes: peakKilobytes / 1024, addedMegabytes }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
