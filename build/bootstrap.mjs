/**
 * @file From a fresh clone to something that runs: packages, Electron, system libraries, the build.
 *
 * npm runs it before `start`, `test` and the command line; it says nothing and costs little when all is there.
 * It needs Node 20 and nothing else, and writes to stderr only. `--app`: a window is wanted; `--test`: the tests are;
 * `--packages`: npm's packages alone.
 */
import { ensureElectron, electronBinary } from './electron-runtime.mjs';
import { ensurePackages } from './packages.mjs';
import { fingerprint, inRoot, nodeBinary, readStamp, run, say, script, Stop } from './repository.mjs';
import { buildStampFile, sources } from './sources.mjs';
import { ensureSystemLibraries, hasDisplay } from './system-libraries.mjs';

await script(async () => {
  const tests = process.argv.includes('--test');
  const app = process.argv.includes('--app') && hasDisplay();

  await ensurePackages();
  if (process.argv.includes('--packages')) return;
  if (app || tests) {
    const binary = electronBinary(await ensureElectron());
    await ensureSystemLibraries({ binary, tests });
  }
  if (readStamp(buildStampFile) !== fingerprint(sources)) {
    say('Building …');
    const { code } = await run(nodeBinary(), [inRoot('build/build.mjs')]);
    if (code !== 0) throw new Stop('The build failed; its message stands above.');
  }
});
