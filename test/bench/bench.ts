/**
 * @file How fast our pipeline is beside the plainest program with the same decoder, model and threads: decode one
 * picture, infer it, take the next. Both interleaved, because only ratios mean something on a shared machine.
 *
 * `npm run bench -- [rounds]` (Linux)
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { nodePath } from '../cli/labelwright.ts';
import { samples } from '../kill/photos.ts';
import type { Measured } from './alone.ts';
import { measurePipeline } from './pipeline.ts';

const sizes = [
  { title: '640 × 480', width: 640, height: 480, count: 400 },
  { title: '4000 × 3000', width: 4000, height: 3000, count: 48 },
];

/** The sample photos in one size, each several times under another name. */
async function makePhotos(folder: string, { width, height, count }: (typeof sizes)[number]): Promise<void> {
  await mkdir(folder);
  const names = (await readdir(samples)).filter((name) => name.endsWith('.jpg')).sort();
  for (let index = 0; index < count; index++) {
    const file = join(folder, `${String(index).padStart(4, '0')}.jpg`);
    if (index >= names.length)
      await copyFile(join(folder, `${String(index % names.length).padStart(4, '0')}.jpg`), file);
    else
      await sharp(join(samples, names[index]!))
        .resize(width, height, { fit: 'cover' })
        .jpeg({ quality: 90 })
        .toFile(file);
  }
}

async function measureAlone(mode: 'one-by-one' | 'decode' | 'infer', folder: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(nodePath, [join(import.meta.dirname, 'alone.ts'), mode, folder]);
  return JSON.parse(stdout) as Measured;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rate = ({ images, seconds }: Measured) => images / seconds;
const cpuMs = ({ images, cpuSeconds }: Measured) => (cpuSeconds / images) * 1000;

const rounds = Number(process.argv[2] ?? 3);
const home = await mkdtemp(join(tmpdir(), 'labelwright-bench-photos-'));
try {
  console.log(
    `${cpus()[0]!.model}, ${availableParallelism()} cores; 1 inference thread; ${rounds} rounds of A B B A\n`,
  );
  console.log('| photos | pipeline | one by one | ratio | CPU a picture | of its parts | ratio | peak memory |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const size of sizes) {
    const folder = join(home, String(size.width));
    await makePhotos(folder, size);
    const ours: Measured[] = [];
    const plain: Measured[] = [];
    const ratios: number[] = [];
    const cpuRatios: number[] = [];
    const parts: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const a1 = await measurePipeline(folder);
      const b1 = await measureAlone('one-by-one', folder);
      const b2 = await measureAlone('one-by-one', folder);
      const a2 = await measurePipeline(folder);
      const part = cpuMs(await measureAlone('decode', folder)) + cpuMs(await measureAlone('infer', folder));
      ours.push(a1, a2);
      plain.push(b1, b2);
      parts.push(part);
      ratios.push(mean([a1, a2].map(rate)) / mean([b1, b2].map(rate)));
      cpuRatios.push(mean([a1, a2].map(cpuMs)) / part);
    }
    const cells = [
      size.title,
      `${median(ours.map(rate)).toFixed(1)}/s`,
      `${median(plain.map(rate)).toFixed(1)}/s`,
      `**${median(ratios).toFixed(2)}**`,
      `${median(ours.map(cpuMs)).toFixed(1)} ms`,
      `${median(parts).toFixed(1)} ms`,
      `**${median(cpuRatios).toFixed(2)}**`,
      `${Math.max(...ours.map(({ peakMegabytes }) => peakMegabytes)).toFixed(0)} MB`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
