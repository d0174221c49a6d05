/**
 * @file Write a million synthetic pictures in one format, read them back, then print how long and how much memory the
 * reading took as JSON. A process of its own, so that the figure is of the import alone.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import { importerFor } from '../../../electron/engine/import/index.ts';

const rowCount = 1_000_000;
/** As small as a thread for imports gets it: what is read becomes garbage at once, and V8 would let it pile up. MiB. */
const youngHeap = '--max-semi-space-size=4';
const name = (number: number) => `2024/day ${number % 365}/IMG_${number}.jpg`;

const lines: Record<string, (number: number) => string> = {
  csv: (number) =>
    `${name(number)},/photos/spring,640,480,done,,unreviewed,"=sum, ""the"" cat",0.8123${number % 100}\r\n`,
  images: (number) =>
    `${number > 1 ? ',' : ''}\n{"id":${number},"file_name":"${name(number)}","width":640,"height":480,"source":"/photos/spring"}`,
  annotations: (number) =>
    `${number > 1 ? ',' : ''}\n{"id":${number},"image_id":${number},"category_id":${1 + (number % 2)},"bbox":[0,0,640,480],"area":307200,"iscrowd":0,"segmentation":[],"score":0.5,"attributes":{"source":"prediction","reviewed":false,"rank":1}}`,
};

function* text(format: string): Generator<string> {
  function* many(line: (number: number) => string) {
    for (let number = 1; number <= rowCount; number += 100) {
      yield Array.from({ length: 100 }, (_, place) => line(number + place)).join('');
    }
  }
  if (format === 'csv') {
    yield 'file_name,source,width,height,status,error,review,label,score\r\n';
    yield* many(lines['csv']!);
  } else {
    yield '{"categories":[{"id":1,"name":"cat"},{"id":2,"name":"dog"}],"images":[';
    yield* many(lines['images']!);
    yield '],"annotations":[';
    yield* many(lines['annotations']!);
    yield ']}';
  }
}

const [, , format, path] = process.argv as [string, string, string, string?];
if (path === undefined) {
  // Written by another process, for a file that is written leaves memory behind.
  const { execFileSync } = await import('node:child_process');
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-million-'));
  try {
    const file = join(folder, `labels.${format === 'csv' ? 'csv' : 'json'}`);
    await using out = await open(file, 'w');
    for (const piece of text(format)) await out.write(piece);
    console.log(
      execFileSync(process.execPath, [youngHeap, import.meta.filename, format, file], { encoding: 'utf8' }).trim(),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} else {
  const beginning = await readBeginning(path);
  const before = process.resourceUsage();
  let entryCount = 0;
  for await (const entry of importerFor(format).read(beginning, { table: null, onBytes: () => {} })) {
    if (!('invalid' in entry)) entryCount++;
  }
  const after = process.resourceUsage();
  const cpuSeconds = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6;
  const addedMegabytes = (after.maxRSS - before.maxRSS) / 1024;
  console.log(JSON.stringify({ entryCount, cpuSeconds, peakMegabytes: after.maxRSS / 1024, addedMegabytes }));
}
