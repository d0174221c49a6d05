/** @file What ships beside the app: the engine with its native packages and Node, and the command line. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { inRoot, nodeBinary } from './repository.mjs';

/** Packages that `out/engine` finds in a `node_modules` of its own. */
const natives = ['sharp', 'better-sqlite3', 'onnxruntime-node', 'exiftool-vendored'];

/** Used while a package is installed or compiled, never when it runs. */
const installOnly = ['adm-zip', 'global-agent', 'node-addon-api', '@img/sharp-wasm32'];

/**
 * Which files of a package to ship.
 *
 * @type {Record<string, (file: string, platform: string, arch: string) => boolean>} paths with '/'
 */
const shipped = {
  'better-sqlite3': (file, platform, arch) =>
    file.startsWith('prebuilds/')
      ? file === `prebuilds/${platform}-${arch}.node`
      : !/^(deps|src)\/|^binding\.gyp$/.test(file),
  'onnxruntime-node': (file, platform, arch) =>
    file.startsWith('bin/') ? file.startsWith(`bin/napi-v6/${platform}/${arch}/`) : !/^(script|lib)\//.test(file),
  sharp: (file) => !/^(src|install)\//.test(file),
  'exiftool-vendored': (file) => !/\.spec\.js$|^dist\/update\//.test(file),
  // The program and its modules; its manual is in them as `.pod`.
  'exiftool-vendored.pl': (file) =>
    file.startsWith('bin/') ? /^bin\/(exiftool$|LICENSE$|lib\/.*\.p[ml]$|lib\/.*\.dat$)/.test(file) : true,
};

/** Types and source maps serve nobody in a package. */
const ballast = /\.(?:d\.[cm]?ts|map|md|markdown)$/i;

/**
 * Lay out `engine/` and `cli/` as they will lie under `resources/`.
 *
 * @param {string} target   folder, emptied first
 * @param {string} platform as `process.platform`
 * @param {string} arch     as `process.arch`
 */
export function layOutEngine(target, platform, arch) {
  rmSync(target, { recursive: true, force: true });
  const engine = path.join(target, 'engine');
  const cli = path.join(target, 'cli');
  copyCode(inRoot('out/engine'), engine);
  copyCode(inRoot('out/cli'), cli);
  for (const name of closure(natives)) copyPackage(name, path.join(engine, 'node_modules', name), platform, arch);

  const node = path.join(engine, platform === 'win32' ? 'node.exe' : 'node');
  copyFileSync(nodeBinary(), node);
  chmodSync(node, 0o755);
  writeLauncher(cli, platform);
}

/** Everything the packages need to run, optional ones only where installed: those are this platform's natives. */
function closure(/** @type {string[]} */ names) {
  const found = new Set(names);
  for (const name of found) {
    const { dependencies = {}, optionalDependencies = {} } = manifest(name);
    for (const next of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) {
      if (installOnly.includes(next)) continue;
      if (existsSync(inRoot('node_modules', next))) found.add(next);
      else if (next in dependencies) throw new Error(`${name} needs ${next}, which is not at the top of node_modules`);
    }
  }
  return found;
}

/** @param {string} name @returns {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} */
function manifest(name) {
  return JSON.parse(readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8'));
}

/** @param {string} name @param {string} target @param {string} platform @param {string} arch */
function copyPackage(name, target, platform, arch) {
  const source = inRoot('node_modules', name);
  const wanted = shipped[name] ?? (() => true);
  copyFiles(source, target, (file) => !ballast.test(file) && wanted(file, platform, arch));
}

/** @param {string} source @param {string} target */
function copyCode(source, target) {
  copyFiles(source, target, (file) => !file.endsWith('.map'));
}

/** @param {string} source @param {string} target @param {(file: string) => boolean} wanted files alone are asked about */
function copyFiles(source, target, wanted) {
  for (const found of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    const entry = found.replaceAll('\\', '/');
    if (!statSync(path.join(source, entry)).isFile() || !wanted(entry)) continue;
    mkdirSync(path.dirname(path.join(target, entry)), { recursive: true });
    copyFileSync(path.join(source, entry), path.join(target, entry));
  }
}

/** `labelwright` for the terminal, run by the Node that ships with the engine. */
function writeLauncher(/** @type {string} */ cli, /** @type {string} */ platform) {
  if (platform === 'win32') {
    writeFileSync(path.join(cli, 'labelwright.cmd'), '@"%~dp0..\\engine\\node.exe" "%~dp0index.mjs" %*\r\n');
    return;
  }
  const launcher = path.join(cli, 'labelwright');
  // `readlink -f`: the launcher may be called through a link in /usr/local/bin.
  writeFileSync(
    launcher,
    '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nexec "$here/../engine/node" "$here/index.mjs" "$@"\n',
  );
  chmodSync(launcher, 0o755);
}
