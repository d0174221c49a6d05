/** @file Where things lie in this repository, and how its scripts speak and start programs. No dependencies. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** @param {string[]} parts @returns {string} absolute path inside the repository */
export const inRoot = (...parts) => path.join(root, ...parts);

/** One line for the person at the terminal. Never stdout: that belongs to the data of the command that follows. */
export function say(/** @type {string} */ sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** A failure whose message is all there is to say; the scripts print it without a stack. */
export class Stop extends Error {}

/** Run the body of a script; a `Stop` becomes its sentence, anything else a stack, both exit code 1. */
export async function script(/** @type {() => Promise<void>} */ body) {
  try {
    await body();
  } catch (error) {
    say(error instanceof Stop ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}

/**
 * The Node 24 of the devDependency `node`, on which engine, tools and tests run.
 *
 * @returns {string} absolute path, not a symbolic link
 * @throws {Stop} before the packages are installed
 */
export function nodeBinary() {
  const found = ['bin/node', 'bin/node.exe'].map((file) => inRoot('node_modules/node', file)).find(existsSync);
  if (!found) throw new Stop('Node 24 is missing from node_modules; run `npm ci` once.');
  return found;
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** End what `run` has started and not yet seen end; for a script that is told to stop. */
export function endChildren() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Run a program and wait for it. Its stdout goes to our stderr.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean, timeoutMs?: number }} [options]
 *   `quiet` keeps the output and returns it
 * @returns {Promise<{ code: number, output: string }>} code 127 when there is no such program
 */
export function run(command, args, { env = process.env, cwd = root, quiet = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2] });
    running.add(child);
    const timer = timeoutMs && setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      resolve({ code: 127, output: String(error) });
    });
    child.once('close', (code) => {
      running.delete(child);
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * One hash over names and contents.
 *
 * @param {readonly string[]} names files and folders, relative to the repository; missing ones count as such
 * @returns {string} hexadecimal SHA-256
 */
export function fingerprint(names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const file = inRoot(name);
    if (!existsSync(file)) hash.update(`${name}\0missing\0`);
    else if (!statSync(file).isDirectory()) hash.update(`${name}\0`).update(readFileSync(file));
    else {
      const entries = readdirSync(file, { recursive: true, encoding: 'utf8' })
        .map((entry) => path.join(file, entry))
        .filter((entry) => statSync(entry).isFile())
        .sort();
      for (const entry of entries) hash.update(`${path.relative(root, entry)}\0`).update(readFileSync(entry));
    }
  }
  return hash.digest('hex');
}

/** @returns {string | undefined} first line of a small state file */
export function readStamp(/** @type {string} */ file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : undefined;
}
