/** @file Label every file of a folder in a child process that may crash or hang, and find out which one did it. */
import { fork, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Longer than the decoder's own limit of 10 s; what is not answered by then hangs. */
const hangMs = 20_000;

export interface HostileReport {
  files: number;
  labeled: string[];
  refused: Map<string, string[]>;
  crashes: string[];
  hangs: string[];
  slowest: { path: string; ms: number };
}

type Answer = { ok: true } | { ok: false; code: string } | 'crashed' | 'hung';

/** @param folder  searched to the bottom; everything but folders is tried, whatever its name */
export async function labelFolder(folder: string): Promise<HostileReport> {
  const report: HostileReport = {
    files: 0,
    labeled: [],
    refused: new Map(),
    crashes: [],
    hangs: [],
    slowest: { path: '', ms: 0 },
  };
  let child: ChildProcess | null = null;
  for (const path of filesUnder(folder)) {
    child ??= await startLabeler();
    const started = performance.now();
    const answer = await ask(child, path);
    const ms = performance.now() - started;
    if (ms > report.slowest.ms) report.slowest = { path, ms };
    report.files++;
    if (typeof answer === 'string') {
      (answer === 'crashed' ? report.crashes : report.hangs).push(path);
      child.kill('SIGKILL');
      child = null;
    } else if (answer.ok) {
      report.labeled.push(path);
    } else {
      report.refused.set(answer.code, [...(report.refused.get(answer.code) ?? []), path]);
    }
  }
  child?.kill('SIGKILL');
  return report;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function startLabeler(): Promise<ChildProcess> {
  const child = fork(new URL('./labeler.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The labeler does not start (exit ${String(code)})`)));
  });
  return child;
}

function ask(child: ChildProcess, path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('hung'), hangMs);
    const crashed = () => settle('crashed');
    function settle(answer: Answer): void {
      clearTimeout(timer);
      child.off('message', settle);
      child.off('exit', crashed);
      resolve(answer);
    }
    child.once('message', settle);
    child.once('exit', crashed);
    child.send({ path });
  });
}
