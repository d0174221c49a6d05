/**
 * @file Write a folder of so many synthetic pictures in one format, without the pictures themselves, then print time, memory
 * and the longest stretch without a breath as JSON. A process of its own, so that the figures are of the export alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseRows } from '../../../electron/engine/export/exporter.ts';
import { writeFolder } from '../../../electron/engine/export/write-folder.ts';
import { categories, dataOptions, exportSource, folderExporter, row } from './source.ts';

const [format, count] = process.argv.slice(2) as [string, string];

/** As cameras number them: ten thousand names, again and again. */
function* rows() {
  for (let imageId = 1; imageId <= Number(count); imageId++) {
    const { id: categoryId, name: label } = categories[imageId % 2]!;
    const fileName = `2024/card ${Math.floor(imageId / 10_000)}/IMG_${imageId % 10_000}.jpg`;
    yield row({ imageId, fileName, categoryId, label, score: 1 / (1 + (imageId % 97)), rank: 1, origin: 'prediction' });
  }
}

const folder = await mkdtemp(join(tmpdir(), 'labelwright-million-'));
try {
  const beforeKilobytes = process.resourceUsage().maxRSS;
  const started = performance.now();
  // Processor time of this thread, so that what others do at the same time does not count.
  const usedMs = () => (process.threadCpuUsage().user + process.threadCpuUsage().system) / 1000;
  let turnAt = usedMs();
  let longestMs = 0;
  const turns = setInterval(() => {
    longestMs = Math.max(longestMs, usedMs() - turnAt);
    turnAt = usedMs();
  }, 1);
  const source = exportSource([], { folders: ['/photos/spring'], rows: (choice) => chooseRows(rows(), choice) });
  const options = { ...dataOptions, split: { train: 0.8, val: 0.1, test: 0.1, seed: 7 } };
  const { sizeBytes } = await writeFolder(join(folder, 'out'), folderExporter(format).entries(source, options), {
    pictures: 'none',
    leaveOut: () => {},
  });
  clearInterval(turns);
  const peakKilobytes = process.resourceUsage().maxRSS;
  const addedMegabytes = (peakKilobytes - beforeKilobytes) / 1024;
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ sizeBytes, seconds, longestMs, peakMegabytes: peakKilobytes / 1024, addedMegabytes }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
