/** @file Run the command line as a child process, as a person would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandLineEntry } from '../support/built.ts';
import { keepMachine, lendMachine } from '../support/machine.ts';

const root = join(import.meta.dirname, '../..');
/** Node 24, whatever runs the tests. */
export const nodePath = ['bin/node', 'bin/node.exe']
  .map((file) => join(root, 'node_modules/node', file))
  .find((file) => existsSync(file))!;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  process: ChildProcess;
  exit: Promise<Exit>;
  /** What stderr has said so far. */
  stderr(): string;
  /** Resolves once stderr contains it. */
  said(pattern: RegExp): Promise<void>;
}

export interface StartOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** A process group of its own, to be killed as a whole. */
  detached?: boolean;
}

/** @param home  stands in for the person's own data folder */
export function startLabelwright(args: readonly string[], home: string, options: StartOptions = {}): Running {
  const { npm_lifecycle_event: _, INIT_CWD: __, ...environment } = process.env;
  const cwd = options.cwd ?? home;
  const cachePath = cacheOf(args, home, cwd);
  if (cachePath !== undefined) lendMachine(cachePath);
  const child = spawn(nodePath, [commandLineEntry, ...args], {
    cwd,
    env: { ...environment, XDG_CONFIG_HOME: home, APPDATA: home, HOME: home, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.detached ?? false,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      if (cachePath !== undefined) keepMachine(cachePath);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    process: child,
    exit,
    stderr: () => stderr,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(stderr) && resolve();
        child.stderr.on('data', look);
        child.once('close', () =>
          pattern.test(stderr) ? resolve() : reject(new Error(`Never said ${pattern}: ${stderr}`)),
        );
        look();
      }),
  };
}

/** Where the engine of a command keeps its measurements. */
function cacheOf(args: readonly string[], home: string, cwd: string): string | undefined {
  const place = args.indexOf('--library');
  if (place < 0) return join(home, 'Labelwright/cache');
  const library = args[place + 1];
  return library === undefined ? undefined : `${resolve(cwd, library)}.cache`;
}

export function runLabelwright(args: readonly string[], home: string, options?: StartOptions): Promise<Exit> {
  return startLabelwright(args, home, options).exit;
}

export function jsonLines<Line>(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The engine behind a command line: its one child, from Linux' own table. */
export function enginePid(running: Running): number | undefined {
  const { pid } = running.process;
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}
