/** @file Bundle everything that runs into `out/`. */
import { build as bundle } from 'esbuild';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build as bundlePage } from 'vite';
import { fingerprint, inRoot, say, script, Stop } from './repository.mjs';
import { buildStampFile, sources } from './sources.mjs';

/** Bundled CommonJS packages call `require` for Node's own modules; an ES module has none unless it makes one. */
const requireForBundledPackages =
  "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);";

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, platform: 'node', sourcemap: 'linked', logLevel: 'warning', absWorkingDir: inRoot() };
/** @type {import('esbuild').BuildOptions} */
const esModule = { ...common, format: 'esm', banner: { js: requireForBundledPackages } };
/** Found at run time beside the engine: they carry native code. */
const natives = ['sharp', 'better-sqlite3', 'onnxruntime-node'];

/** @type {(import('esbuild').BuildOptions & { entryPoints: [string] })[]} */
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
    entryPoints: ['electron/engine/inference/worker.ts'],
    outfile: 'out/engine/worker.mjs',
    target: 'node24',
    external: natives,
  },
  { ...esModule, entryPoints: ['electron/cli/index.ts'], outfile: 'out/cli/index.mjs', target: 'node20' },
];

await script(async () => {
  const stamp = fingerprint(sources);
  for (const folder of ['main', 'preload', 'engine', 'cli', 'renderer'])
    rmSync(inRoot('out', folder), { recursive: true, force: true });
  const missing = bundles.flatMap(({ entryPoints }) => entryPoints).filter((entry) => !existsSync(inRoot(entry)));
  if (!existsSync(inRoot('renderer/index.html'))) missing.push('renderer/index.html');
  for (const entry of missing) say(`Nothing to build from: ${entry}`);

  await Promise.all(
    bundles.filter(({ entryPoints }) => existsSync(inRoot(entryPoints[0]))).map((options) => bundle(options)),
  );
  if (existsSync(inRoot('out/cli/index.mjs'))) chmodSync(inRoot('out/cli/index.mjs'), 0o755);
  if (existsSync(inRoot('renderer/index.html')))
    await bundlePage({ configFile: inRoot('vite.config.ts'), logLevel: 'warn' });

  if (missing.length) throw new Stop('The build is not complete.');
  mkdirSync(inRoot('out'), { recursive: true });
  writeFileSync(buildStampFile, `${stamp}\n`);
});
