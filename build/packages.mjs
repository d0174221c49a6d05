/** @file Is `node_modules` what package-lock.json says? If not, `npm ci`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fingerprint, inRoot, readStamp, run, say, Stop } from './repository.mjs';

const stampFile = inRoot('node_modules/.labelwright-stamp');

/** Native packages differ between platforms: a folder shared with another machine is stale there. */
const wanted = () => `${fingerprint(['package-lock.json'])} ${process.platform}-${process.arch}`;

/** Install the packages unless they are there already. @returns {Promise<boolean>} whether anything was done */
export async function ensurePackages() {
  const stamp = wanted();
  if (readStamp(stampFile) === stamp) return false;

  if (!installedMatchesLock()) {
    say('Installing packages (about a minute, once) …');
    // The Node that started npm, not the one in node_modules, which `npm ci` is about to delete.
    const npm = process.env.npm_execpath;
    const { code } = npm
      ? await run(process.env.npm_node_execpath ?? process.execPath, [npm, 'ci', '--loglevel=error'])
      : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--loglevel=error']);
    if (code !== 0) throw new Stop('`npm ci` failed; its own message stands above.');
  }
  writeFileSync(stampFile, `${stamp}\n`);
  return true;
}

/** True after somebody ran `npm install` or `npm ci` by hand: npm notes what it installed. */
function installedMatchesLock() {
  const noted = inRoot('node_modules/.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([name, { version, optional }]) => {
    if (name === '') return true;
    return installed[name] ? installed[name].version === version && existsSync(inRoot(name)) : optional === true;
  });
}
