/** @file Our pipeline from folder to library, measured at the engine process from the first batch to the last commit. */
import { chmod, copyFile, link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openEngine } from '#host';
import { nodePath } from '../cli/labelwright.ts';
import type { Measured } from './measured.ts';
import { cpuSecondsOf, peakMegabytesOf } from './process-usage.ts';

const root = join(import.meta.dirname, '../..');
export const bundledModels = join(root, 'models');
/** As the app starts it: from source it would take more memory. `npm run bench` builds it first. */
const engineEntry = join(root, 'out/engine/index.mjs');

export interface PipelineOptions {
  /** Holding model folders. */
  modelsPaths: readonly string[];
  /** What the engine finds out about the machine stays here, so that it is found out once. */
  cachePath: string;
  /** In all; 0 leaves it to the engine. */
  threads: number;
  /** The only cores that the engine may use, as `taskset` names them ('0', '0,1'); null for all. Linux. */
  cores?: string | null;
}

export interface Pipeline extends AsyncDisposable {
  /** Label these pictures as a new dataset. @param modelId  null for the default */
  label(paths: readonly string[], modelId: string | null): Promise<Measured>;
  /** Most memory that the engine has had; null where the system does not tell. */
  peakMegabytes(): number | null;
}

export async function openPipeline({ modelsPaths, cachePath, threads, cores }: PipelineOptions): Promise<Pipeline> {
  const home = await mkdtemp(join(tmpdir(), 'labelwright-bench-'));
  const removeHome = () => rm(home, { recursive: true, force: true });
  let folderCount = 0;
  try {
    const engine = await openEngine({
      nodePath: cores ? await boundNode(home, cores) : nodePath,
      entry: engineEntry,
      libraryPath: join(home, 'bench.labelwright'),
      cachePath,
      modelsPaths,
    });
    await engine.call('engine.configure', {
      threads,
      batchSize: 0,
      provider: 'cpu',
      proxy: '',
      mirror: '',
      gentle: false,
      thumbnails: false,
    });

    return {
      async label(paths, modelId) {
        const folder = await linkAll(join(home, `photos-${folderCount++}`), paths);
        const { datasetId } = await engine.call('datasets.open', { folders: [folder] });
        const pid = engine.pid!;
        const end = Promise.withResolvers<Measured>();
        let start: { ms: number; cpuSeconds: number | null } | undefined;
        const stopListening = engine.on('run.progress', ({ datasetId: id, state, done, failed, reason }) => {
          if (id !== datasetId) return;
          if (state === 'failed' || failed > 0) end.reject(new Error(`A picture or the run failed (${reason})`));
          // Sessions are loaded by now, and no picture has been read yet.
          if (state === 'running') start ??= { ms: performance.now(), cpuSeconds: cpuSecondsOf(pid) };
          if (state !== 'finished' || !start) return;
          const cpuSeconds = cpuSecondsOf(pid);
          end.resolve({
            images: done,
            seconds: (performance.now() - start.ms) / 1000,
            cpuSeconds: cpuSeconds === null || start.cpuSeconds === null ? null : cpuSeconds - start.cpuSeconds,
          });
        });
        try {
          await engine.call('run.start', { datasetId, modelId, topK: 5 });
          return await end.promise;
        } finally {
          stopListening();
          await rm(folder, { recursive: true });
        }
      },
      peakMegabytes: () => peakMegabytesOf(engine.pid!),
      async [Symbol.asyncDispose]() {
        await engine[Symbol.asyncDispose]();
        await removeHome();
      },
    };
  } catch (thrown) {
    await removeHome();
    throw thrown;
  }
}

/** A Node that keeps to some cores, from its first moment on. @returns its path */
async function boundNode(home: string, cores: string): Promise<string> {
  const path = join(home, 'node');
  await writeFile(path, `#!/bin/sh\nexec taskset -c ${cores} '${nodePath}' "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

/** The same pictures, some of them several times, in a new folder, which is a new dataset. */
async function linkAll(folder: string, paths: readonly string[]): Promise<string> {
  await mkdir(folder);
  for (const [index, path] of paths.entries()) {
    const name = join(folder, `${String(index).padStart(5, '0')}-${basename(path)}`);
    await link(path, name).catch(() => copyFile(path, name)); // the two folders may lie on different disks
  }
  return folder;
}
