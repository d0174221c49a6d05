/**
 * @file What the stand-in Electron runs first: find the app named on the command line and start it.
 *
 * The official runtime brings such an app of its own. This one is an ES module, because Electron holds the 'ready'
 * event back until an ES module entry has finished, and the app registers its protocols before 'ready'.
 */
import { app } from 'electron';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { preloads, target, rest } = readArguments(process.argv.slice(1));

if (target === undefined) {
  process.stderr.write('Give the folder of the app: electron [switches] <folder>\n');
  app.exit(1);
} else {
  try {
    const folder = path.resolve(target);
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
    await start(folder);
  } catch (error) {
    process.stderr.write(`The app did not start: ${error instanceof Error ? error.stack : String(error)}\n`);
    app.exit(1);
  }
}

/** @param {string} folder */
async function start(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  // As with the official runtime: the binary, the app, then the app's own arguments.
  process.argv = [process.argv[0] ?? '', folder, ...rest];
  Object.assign(process, { defaultApp: true });
  app.setName(manifest.productName ?? manifest.name);
  // Not public, but the official runtime calls them too.
  Reflect.get(app, 'setVersion').call(app, manifest.version);
  Reflect.get(app, 'setAppPath').call(app, folder);
  app.setPath('userData', userData(manifest));

  const require = createRequire(path.join(folder, 'package.json'));
  for (const file of preloads) require(path.resolve(file));
  await import(pathToFileURL(path.join(folder, manifest.main)).href);
}

/** @param {{ name: string, productName?: string }} manifest */
function userData(manifest) {
  return (
    app.commandLine.getSwitchValue('user-data-dir') ||
    path.join(app.getPath('appData'), manifest.productName ?? manifest.name)
  );
}

/** Switches of Chromium stand before the app, `-r file` asks for a module to be loaded before it. */
function readArguments(/** @type {string[]} */ words) {
  const preloads = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '-r' || word === '--require') preloads.push(words[++at] ?? '');
    else if (!word.startsWith('-')) {
      return { preloads, target: word, rest: [...words.slice(0, at), ...words.slice(at + 1)] };
    }
  }
  return { preloads, target: undefined, rest: words };
}
