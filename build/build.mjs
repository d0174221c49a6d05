/** @file Bundle everything that runs into `out/`. */
import { build as bundle } from 'esbuild';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { build as bundlePage } from 'vite';
import { fingerprint, inRoot, script, Stop } from './repository.mjs';
import { buildStampFile, sources } from './sources.mjs';

/** Bundled CommonJS packages call `require` for Node's own modules; an ES module has none unless it makes one. */
const requireForBundledPackages =
  "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);";

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, platform: 'node', sourcemap: 'linked', logLevel: 'warning', absWorkingDir: inRoot() };
/** @type {import('esbuild').BuildOptions} */
const esModule = { ...common, format: 'esm', banner: { js: requireForBundledPackages } };
/** Found at run time beside the engine: they carry native code, or a program of their own. */
const natives = ['sharp', 'better-sqlite3', 'onnxruntime-node', 'exiftool-vendored'];

/** @type {(import('esbuild').BuildOptions & { entryPoints: [string], outfile: string })[]} */
const bundles = [
  // Main and preload also run in Electron 33, the stand-in of the tests.
  {
    ...esModule,
    entryPoints: ['electron/main/index.ts'],
    outfile: 'out/main/index.mjs',
    target: 'node20',
    external: ['electron'],
  },
  {
    ...common,
    entryPoints: ['electron/preload/index.ts'],
    outfile: 'out/preload/index.cjs',
    format: 'cjs',
    target: 'chrome130',
    external: ['electron'],
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/index.ts'],
    outfile: 'out/engine/index.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/inference/decode-worker.ts'],
    outfile: 'out/engine/decode-worker.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/inference/session-worker.ts'],
    outfile: 'out/engine/session-worker.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/store/check-worker.ts'],
    outfile: 'out/engine/check-worker.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/import/import-worker.ts'],
    outfile: 'out/engine/import-worker.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/learn/learn-worker.ts'],
    outfile: 'out/engine/learn-worker.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/inference/trial-process.ts'],
    outfile: 'out/engine/trial.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/models/fast/optimize-process.ts'],
    outfile: 'out/engine/optimize.mjs',
    target: 'node24',
    external: natives,
  },
  {
    ...esModule,
    entryPoints: ['electron/engine/inference/trial-watch.ts'],
    outfile: 'out/engine/trial-watch.mjs',
    target: 'node24',
  },
  { ...esModule, entryPoints: ['electron/cli/index.ts'], outfile: 'out/cli/index.mjs', target: 'node20' },
];

await script(async () => {
  // Taken first: a file saved while we build makes the next start build again.
  const stamp = fingerprint(sources);
  const missing = bundles.flatMap(({ entryPoints }) => entryPoints).filter((entry) => !existsSync(inRoot(entry)));
  if (missing.length) throw new Stop(`There is nothing to build from: ${missing.join(', ')}`);

  rmSync(buildStampFile, { force: true });
  for (const { outfile } of bundles) rmSync(path.dirname(inRoot(outfile)), { recursive: true, force: true });
  const results = await Promise.allSettled([
    ...bundles.map((options) => bundle(options)),
    bundlePage({ configFile: inRoot('vite.config.ts'), logLevel: 'warn' }),
  ]);
  const failed = results.filter((result) => result.status === 'rejected');
  if (failed.length) throw new Stop(failed.map(({ reason }) => firstLines(reason)).join('\n'));

  chmodSync(inRoot('out/cli/index.mjs'), 0o755);
  writeFileSync(buildStampFile, `${stamp}\n`);
});

/** The stack of a bundler says nothing about the code that does not build. */
function firstLines(/** @type {unknown} */ reason) {
  return stripVTControlCharacters(String(reason instanceof Error ? reason.message : reason))
    .split('\n')
    .slice(0, 12)
    .join('\n');
}
