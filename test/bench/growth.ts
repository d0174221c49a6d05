/**
 * @file How everything grows with the library: libraries of several sizes are made up, then opened, reviewed, exported
 * and decided about, each in a fresh process.
 *
 * `npm run bench:growth -- [--sizes 1000,10000] [--json file] [--embeddings 512] [--decided 0.2] [--keep folder]`
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';
import { fillLibrary, type Fill, type LibraryShape } from './growth-library.ts';
import { growthTable, type Figures } from './growth-table.ts';
import type { TaskName, TaskResult } from './growth-task.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    json: { type: 'string' },
    embeddings: { type: 'string', default: '0' },
    decided: { type: 'string', default: '0.2' },
    /** Where the libraries stay, and are taken from the next time. */
    keep: { type: 'string' },
  },
});
const sizes = values.sizes.split(',').map(Number);
if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) throw new Error('--sizes takes whole numbers');

/** A kept library is used again; what filling it took is kept beside it. */
async function library(folder: string, shape: LibraryShape): Promise<{ path: string; fill: Fill }> {
  const path = join(folder, `${shape.imageCount}-${shape.embeddingSize}-${shape.decidedShare}.labelwright`);
  const facts = `${path}.json`;
  if (existsSync(facts)) return { path, fill: JSON.parse(await readFile(facts, 'utf8')) as Fill };
  const fill = await fillLibrary(path, shape);
  await writeFile(facts, JSON.stringify(fill));
  return { path, fill };
}

/** As the app runs it: from source, Node's own reading of TypeScript would be a quarter of the memory. */
async function bundleTask(): Promise<string> {
  const root = join(import.meta.dirname, '../..');
  const script = join(root, 'out/bench/growth-task.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'growth-task.ts')],
    outfile: script,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
  });
  return script;
}

async function task<Name extends TaskName>(name: Name, path: string): Promise<TaskResult<Name>> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, name, path]);
  return JSON.parse(stdout) as TaskResult<Name>;
}

const script = await bundleTask();
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'labelwright-growth-')));
await mkdir(folder, { recursive: true });
try {
  const all: Figures[] = [];
  for (const imageCount of sizes) {
    const shape = { imageCount, embeddingSize: Number(values.embeddings), decidedShare: Number(values.decided) };
    console.error(`${imageCount.toLocaleString('en')} pictures …`);
    const { path, fill } = await library(folder, shape);
    all.push({
      imageCount,
      fill,
      sizeBytes: (await stat(path)).size,
      open: await task('open', path),
      review: await task('review', path),
      csv: await task('csv', path),
      coco: await task('coco', path),
      decide: await task('decide', path),
    });
  }
  console.log(growthTable(all));
  if (values.json) await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
