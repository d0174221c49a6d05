/** @file Our pipeline from folder to library, measured at the engine process from the first batch to the last commit. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '#host';
import { nodePath } from '../cli/labelwright.ts';
import type { Measured } from './alone.ts';

const root = join(import.meta.dirname, '../..');

/** @param folder  of pictures; labeled into a new library with one inference thread */
export async function measurePipeline(folder: string): Promise<Measured> {
  const home = await mkdtemp(join(tmpdir(), 'labelwright-bench-'));
  try {
    await using engine = await openEngine({
      nodePath,
      entry: join(root, 'electron/engine/index.ts'),
      libraryPath: join(home, 'bench.labelwright'),
      cachePath: join(home, 'cache'),
      modelsPaths: [join(root, 'models')],
    });
    await engine.call('engine.configure', { threads: 1, batchSize: 0, provider: 'cpu', proxy: '', mirror: '', gentle: false, thumbnails: false });
    const { datasetId } = await engine.call('datasets.open', { folders: [folder] });
    const pid = engine.pid!;
    let start: { ms: number; cpuSeconds: number } | undefined;
    const measured = new Promise<Measured>((resolve, reject) => {
      engine.on('run.progress', ({ state, done, failed }) => {
        if (state === 'running') start ??= { ms: performance.now(), cpuSeconds: cpuSeconds(pid) };
        if (state === 'failed' || failed > 0) reject(new Error('A picture or the run failed'));
        if (state !== 'finished') return;
        resolve({
          images: done,
          seconds: (performance.now() - start!.ms) / 1000,
          cpuSeconds: cpuSeconds(pid) - start!.cpuSeconds,
          peakMegabytes: peakMegabytes(pid),
        });
      });
    });
    await engine.call('run.start', { datasetId, modelId: null, topK: 5 });
    return await measured;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** User and system time of all threads. Source: proc(5), fields 14 and 15 in clock ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) / 100;
}

function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
