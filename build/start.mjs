/** @file `npm start [folder …]`: the app in a window, or, where there is no screen, labels in the terminal. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { electronBinary, ensureElectron } from './electron-runtime.mjs';
import { inRoot, nodeBinary, root, say, script } from './repository.mjs';
import { hasDisplay } from './system-libraries.mjs';

await script(async () => {
  // npm changes into the repository; INIT_CWD is where the person stands.
  const home = process.env.INIT_CWD ?? process.cwd();
  const folders = process.argv.slice(2).map((folder) => path.resolve(home, folder));

  if (hasDisplay()) {
    const electron = electronBinary(await ensureElectron());
    process.exitCode = await follow(
      electron,
      [...switches(), root, ...(folders.length ? ['--folders', ...folders] : [])],
      home,
    );
    return;
  }

  const photos = folders.length ? folders : [inRoot('test/fixtures/photos')];
  say(
    'There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the photos are labeled in the terminal.',
  );
  say(`Labeling ${photos.join(', ')} → labels.csv and labels.coco.json in ${home}`);
  const outputs = ['--csv', path.join(home, 'labels.csv'), '--coco', path.join(home, 'labels.coco.json')];
  process.exitCode = await follow(nodeBinary(), [inRoot('out/cli/index.mjs'), 'label', ...photos, ...outputs], home);
});

/** What Chromium must be told on this machine. */
function switches() {
  if (process.platform !== 'linux') return [];
  return [
    // Chromium refuses to start its sandbox as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    // Without a graphics device the GPU process would only crash a few times before Chromium gives up on it.
    ...(existsSync('/dev/dri') ? [] : ['--disable-gpu']),
  ];
}

/**
 * Run a program in our place: same terminal, same exit code. Ctrl-C reaches both; the program decides when to end.
 *
 * @param {string} command @param {string[]} args @param {string} cwd
 * @returns {Promise<number>} exit code
 */
function follow(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
    }
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
