import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEngine, type EngineProcess } from '../../../electron/host/engine-process.ts';
import { nodePath } from '../../cli/labelwright.ts';
import { engineEntry } from '../../support/built.ts';
import { samplePhotos } from '../../support/pictures.ts';

interface Thread {
  name: string;
  nice: number;
  /** Ticks of the processor so far. */
  ticks: number;
}

/** Threads of a process; empty where there is no /proc. Source: proc_pid_stat(5), fields 14, 15 and 19. */
function threadsOf(pid: number): Map<string, Thread> {
  const threads = new Map<string, Thread>();
  if (process.platform !== 'linux') return threads;
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      threads.set(id, { name, nice: Number(fields[16]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It ended meanwhile.
    }
  }
  return threads;
}

let home: string;
let engine: EngineProcess;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-gentle-'));
  mkdirSync(join(home, 'photos'));
  const photo = await sharp(readFileSync(samplePhotos[0]!)).resize(320).jpeg().toBuffer();
  for (let index = 0; index < 4000; index++) writeFileSync(join(home, 'photos', `${index}.jpg`), photo);
  engine = await openEngine({
    nodePath,
    entry: engineEntry,
    libraryPath: join(home, 'gentle.labelwright'),
    cachePath: join(home, 'cache'),
    modelsPaths: [new URL('../../../models', import.meta.url).pathname],
  });
}, 60_000);
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

const setting = { threads: 2, batchSize: 4, provider: 'cpu', proxy: '', mirror: '', thumbnails: false } as const;

/** Threads that computed while something happened, with the ticks they took. */
async function working(until: Promise<unknown>): Promise<Thread[]> {
  const before = threadsOf(engine.pid!);
  await until;
  return [...threadsOf(engine.pid!)]
    .map(([id, thread]) => ({ ...thread, ticks: thread.ticks - (before.get(id)?.ticks ?? 0) }))
    .filter(({ ticks }) => ticks > 0);
}

/** The threads that read, decode and infer; the others only hand over paths and results, and store them. */
const isWorker = ({ name }: Thread) => /worker$/i.test(name) && name !== 'V8Worker';

test('a run that becomes gentle goes on with one session and low priority, and is as before when it is not', async () => {
  await engine.call('engine.configure', { ...setting, gentle: false });
  const { datasetId } = await engine.call('datasets.open', { folders: [join(home, 'photos')] });
  let last = { gentle: false, done: 0, state: 'scanning' };
  engine.on('run.progress', (progress) => (last = progress));
  const doneMore = async (count: number) => {
    const goal = last.done + count;
    while (last.done < goal) await sleep(20);
  };
  await engine.call('run.start', { datasetId, modelId: 'resnext26-tags', topK: 1 });
  await doneMore(8);
  const before = await working(doneMore(60));
  expect(before.filter(({ nice }) => nice !== 0)).toEqual([]);

  await engine.call('engine.configure', { ...setting, gentle: true });
  // What was under way, and the first batch of the new threads.
  await doneMore(40);
  const gentle = await working(doneMore(60));
  expect(last).toMatchObject({ gentle: true, state: 'running' });
  if (process.platform === 'linux') {
    const workers = gentle.filter(isWorker);
    expect(workers.map(({ name, nice }) => `${name} ${nice}`)).toEqual(workers.map(({ name }) => `${name} 19`));
    // One thread for the session: none that helps it, and no other session.
    expect(workers.filter(({ name }) => name === 'session-worker')).toHaveLength(1);
  }

  await engine.call('engine.configure', { ...setting, gentle: false });
  await doneMore(40);
  const after = await working(doneMore(60));
  expect(last).toMatchObject({ gentle: false, state: 'running' });
  expect(after.filter(({ name, nice }) => name === 'session-worker' && nice !== 0)).toEqual([]);
  await engine.call('run.cancel', { datasetId });
}, 120_000);
