/** @file The libraries of the system that Electron, and an X server for the tests, need on Linux. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, readStamp, run, say, Stop } from './repository.mjs';

const libraries = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'fonts-dejavu-core'];
/** The tests draw on a screen of their own, also in Chinese. */
const forTests = ['xvfb', 'fonts-noto-cjk'];
const stampFile = inRoot('node_modules/.labelwright-system');

/** @returns {boolean} whether the machine has a screen to open a window on */
export function hasDisplay(/** @type {NodeJS.ProcessEnv} */ env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Libraries of a program that the dynamic linker does not find.
 *
 * @param {string} binary absolute path
 * @returns {Promise<string[]>} e.g. ['libnss3.so']; empty where nothing is missing or nobody can tell
 */
export async function missingLibraries(binary) {
  if (process.platform !== 'linux') return [];
  const { output } = await run('ldd', [binary], { quiet: true });
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '');
}

/** @returns {boolean} whether a program can be found on the PATH */
function onPath(/** @type {string} */ program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}

/**
 * Install with apt what is missing, or say what to install.
 *
 * @param {{ binary: string, tests: boolean }} options `binary`: the Electron to be run
 * @throws {Stop} with the command to run, where we may not or cannot install it ourselves
 */
export async function ensureSystemLibraries({ binary, tests }) {
  if (process.platform !== 'linux') return;
  // Asking the linker costs more than the rest of a start; its cache changes with every library that comes or goes.
  const stamp = `${binary} ${linkerCacheMs()} ${tests ? 'tests' : 'app'}`;
  if (readStamp(stampFile) === stamp) return;

  const missing = await missingLibraries(binary);
  if (tests && !onPath('Xvfb')) missing.push('Xvfb');
  const noFont = tests && !(await hasChineseFont());
  if (missing.length || noFont) await install(binary, missing, { tests, noFont });
  writeFileSync(stampFile, `${binary} ${linkerCacheMs()} ${tests ? 'tests' : 'app'}\n`);
}

/** @param {string} binary @param {string[]} missing @param {{ tests: boolean, noFont: boolean }} options */
async function install(binary, missing, { tests, noFont }) {
  const wanted = missing.length ? [...libraries, ...(tests ? forTests : [])] : ['fonts-noto-cjk'];
  const command = `apt-get install -y --no-install-recommends ${wanted.join(' ')}`;
  const what = [...missing, ...(noFont ? ['a font with Chinese characters'] : [])].join(', ');
  if (!onPath('apt-get'))
    throw new Stop(`Missing here: ${what}. Please install GTK 3, NSS, ALSA, GBM, Xvfb and fonts.`);
  if (process.getuid?.() !== 0) throw new Stop(`Missing on this machine: ${what}. Please run: sudo ${command}`);

  say(`Installing system libraries (${what}) …`);
  await apt(wanted);
  const still = await missingLibraries(binary);
  if (still.length)
    throw new Stop(`Still missing after apt: ${still.join(', ')}. Please install them and start again.`);
}

/** When the set of installed libraries last changed, in ms since 1970; 0 where the system keeps no such cache. */
function linkerCacheMs() {
  return statSync('/etc/ld.so.cache', { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {string[]} wanted */
async function apt(wanted) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update', '-q'], { env, quiet: true });
  const names = await Promise.all(wanted.map(currentName));
  const install = ['install', '-y', '-q', '--no-install-recommends', ...names];
  const installed = await run('apt-get', install, { env, quiet: true });
  if (installed.code !== 0) {
    throw new Stop(`${update.code ? update.output : ''}${installed.output}\nThis failed: apt-get ${install.join(' ')}`);
  }
}

/** Newer Debian and Ubuntu call some libraries …t64 (64-bit time), and not all answer to the old name. */
async function currentName(/** @type {string} */ name) {
  if (!name.startsWith('lib')) return name;
  const { output } = await run('apt-cache', ['policy', `${name}t64`], { quiet: true });
  return /Candidate: [^(]/.test(output) ? `${name}t64` : name;
}

async function hasChineseFont() {
  const { output } = await run('fc-list', [':lang=zh', 'family'], { quiet: true });
  return output.trim() !== '' && !output.startsWith('Error');
}
