/** @file Read a CVAT file of a million pictures, then print how many there were and how much memory it took as JSON. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import { cvat } from '../../../electron/engine/import/cvat.ts';

const imageCount = 1_000_000;

function* file() {
  yield '<annotations><version>1.1</version>';
  for (let piece = 0; piece < imageCount / 1000; piece++) {
    let text = '';
    for (let id = piece * 1000; id < (piece + 1) * 1000; id++) {
      text += `<image id="${id}" name="2024/day ${id % 365}/IMG_${id}.jpg" width="640" height="480"><tag label="${id % 2 ? 'cat' : 'dog'}" source="auto"><attribute name="score">0.5</attribute></tag></image>\n`;
    }
    yield text;
  }
  yield '</annotations>';
}

const folder = await mkdtemp(join(tmpdir(), 'labelwright-million-'));
try {
  const path = join(folder, 'annotations.xml');
  await pipeline(Readable.from(file()), createWriteStream(path));
  const beginning = await readBeginning(path);
  const beforeKilobytes = process.resourceUsage().maxRSS;
  const cpu = process.cpuUsage();
  let entryCount = 0;
  for await (const entry of cvat.read(beginning, { table: null, onBytes: () => {} })) {
    if (!('invalid' in entry) && entry.predicted && entry.score === 0.5) entryCount++;
  }
  const { user, system } = process.cpuUsage(cpu);
  const addedMegabytes = (process.resourceUsage().maxRSS - beforeKilobytes) / 1024;
  console.log(JSON.stringify({ entryCount, addedMegabytes, seconds: (user + system) / 1e6 }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
