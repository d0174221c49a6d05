/**
 * @file What a large folder costs the library: scanning it, scanning it again, opening and paging a list, deciding for
 * all of it, and the longest time the engine could not answer meanwhile.
 *
 * `npm run bench:large -- [files]`
 */
import { copyFile, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scan } from '../../electron/engine/scan.ts';
import { openStore } from '../../electron/engine/store/store.ts';
import { samples } from '../kill/photos.ts';

/** Hard links to the samples; a new copy where the file system allows no more links to one. */
async function makeFiles(folder: string, count: number): Promise<void> {
  const names = (await readdir(samples)).filter((name) => name.endsWith('.jpg'));
  const originals = names.map((name) => join(samples, name));
  for (let index = 0; index < count; index++) {
    const inside = join(folder, `d${String(Math.floor(index / 1000)).padStart(4, '0')}`);
    if (index % 1000 === 0) await mkdir(inside, { recursive: true });
    const which = index % names.length;
    const file = join(inside, `${String(index).padStart(7, '0')}.jpg`);
    try {
      if (index < names.length) throw new Error('The first ones are copies, to link to');
      await link(originals[which]!, file);
    } catch {
      await copyFile(join(samples, names[which]!), file);
      originals[which] = file;
    }
  }
}

async function timed<Value>(title: string, work: () => Value | Promise<Value>): Promise<Value> {
  let longest = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const start = performance.now();
  const value = await work();
  const took = performance.now() - start;
  // Work without a pause leaves no room for the pulse: then it was one stall from end to end.
  longest = Math.max(longest, performance.now() - last - 5);
  clearInterval(pulse);
  console.log(`| ${title} | ${took.toFixed(0)} ms | ${longest.toFixed(0)} ms |`);
  return value;
}

const count = Number(process.argv[2] ?? 100_000);
const home = await mkdtemp(join(tmpdir(), 'labelwright-large-'));
try {
  const folder = join(home, 'photos');
  await makeFiles(folder, count);
  using store = openStore(join(home, 'large.labelwright'));
  const { datasetId } = store.datasets.open([folder]);
  console.log(`| ${count.toLocaleString('en')} pictures | takes | longest stall |\n|---|---|---|`);
  await timed('scan', () => scan(store, datasetId, () => {}));
  await timed('scan again', () => scan(store, datasetId, () => {}));
  const byName = { key: 'name', descending: false } as const;
  const { viewId } = await timed('open the list', () => store.views.open(datasetId, {}, byName));
  await timed('200 rows from its middle', () => store.views.rows(viewId, count >> 1, 200));
  await timed('counts', () => store.datasets.counts(datasetId));
  const ids = await timed('the whole list', () => store.views.ids(viewId));
  await timed('decide for all', () => store.decisions.decide(datasetId, ids, { kind: 'skip' }));
  await timed('undo that', () => store.decisions.undo(datasetId));
} finally {
  await rm(home, { recursive: true, force: true });
}
