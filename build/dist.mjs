/**
 * @file `npm run dist`: the app as people get it, in `dist/`. `--test` adds a copy for Playwright in `dist/test`.
 *
 * On Linux the result is an unpacked folder and needs no network; Windows and macOS also get an installer there.
 */
import { build } from 'electron-builder';
import { copyFileSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { configuration, staging } from './electron-builder.config.mjs';
import { electronVersion, ensureElectron } from './electron-runtime.mjs';
import { layOutEngine } from './engine-files.mjs';
import { inRoot, say, script } from './repository.mjs';

await script(async () => {
  const dist = await ensureElectron();
  const version = electronVersion(dist);
  if (!dist.startsWith(inRoot('node_modules'))) {
    say(`Packing Electron ${version}, the stand-in of the tests. Packages for people need the official runtime.`);
  }
  layOutEngine(staging, process.platform, process.arch);
  await build({ config: configuration({ dist, version }, process.platform), publish: 'never' });
  if (process.argv.includes('--test')) await makeTestCopy();
});

/** The same app except for one fuse: Playwright attaches through --inspect, which the shipped one refuses. */
async function makeTestCopy() {
  const target = inRoot('dist/test');
  rmSync(target, { recursive: true, force: true });
  copyTree(inRoot('dist/linux-unpacked'), target);

  const binary = path.join(target, 'labelwright');
  rmSync(binary);
  copyFileSync(inRoot('dist/linux-unpacked/labelwright'), binary);
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(binary, { version: FuseVersion.V1, [FuseV1Options.EnableNodeCliInspectArguments]: true });
}

/** Hard links: half a gigabyte that is not copied. @param {string} source @param {string} target */
function copyTree(source, target) {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [path.join(source, entry.name), path.join(target, entry.name)];
    if (entry.isDirectory()) copyTree(from, to);
    else if (entry.isFile()) linkSync(from, to);
    else cpSync(from, to, { verbatimSymlinks: true });
  }
}
