/** @file What the build wrote to `out/`: each bundle needs only what is there when it runs. */
import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

/** Modules that a bundle still asks for when it runs, Node's own left out. */
async function wants(bundle: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root.pathname,
    entryPoints: [bundle],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: bundle.endsWith('.cjs') ? 'cjs' : 'esm',
    outdir: 'unused',
    external: ['electron', 'sharp', 'better-sqlite3', 'onnxruntime-node', 'exiftool-vendored'],
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  const { builtinModules } = await import('node:module');
  return [...new Set(imports)].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)).sort();
}

test('main asks for electron alone', async () => {
  expect(await wants('out/main/index.mjs')).toEqual(['electron']);
});

test('the preload script asks for electron alone, as the sandbox demands', async () => {
  expect(await wants('out/preload/index.cjs')).toEqual(['electron']);
});

test('the command line asks for nothing', async () => {
  expect(await wants('out/cli/index.mjs')).toEqual([]);
});

test('the engine asks only for the native packages that lie beside it', async () => {
  const natives = ['better-sqlite3', 'exiftool-vendored', 'onnxruntime-node', 'sharp'];

  for (const bundle of [
    'index',
    'decode-worker',
    'session-worker',
    'learn-worker',
    'optimize',
    'trial',
    'trial-watch',
  ]) {
    for (const name of await wants(`out/engine/${bundle}.mjs`)) expect(natives).toContain(name);
  }
});

test('the page holds no inline script, style or handler, and names only files beside it', () => {
  const page = readFileSync(new URL('out/renderer/index.html', root), 'utf8');

  expect(page.match(/<script(?![^>]*\ssrc=)[^>]*>/g)).toBeNull();
  expect(page.match(/<style|\sstyle=|\son[a-z]+=/g)).toBeNull();
  const addresses = [...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(address).toMatch(/^\.\//);
});

test('the page checks nothing with zod, which would try to make functions from text', () => {
  const folder = new URL('out/renderer/assets/', root);
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  for (const name of scripts) expect(readFileSync(new URL(name, folder), 'utf8')).not.toContain('_zod');
});

test('main and the engine hold zod’s English sentences and no others', () => {
  // `import { z }` would bring all fifty languages, half a megabyte to read at each start; `import * as z` does not.
  for (const bundle of ['out/main/index.mjs', 'out/engine/index.mjs']) {
    const locales = readFileSync(new URL(bundle, root), 'utf8').match(/zod\/v4\/locales\/[\w-]+\.js/g);
    expect([...new Set(locales)]).toEqual(['zod/v4/locales/en.js']);
  }
});
