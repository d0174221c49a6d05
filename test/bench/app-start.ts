/**
 * @file How long a person waits for the window: the app started as the system starts it, not through a test driver,
 * which would hold it back. What happened when is read afterwards.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { electronCommand } from '../support/electron.ts';

/** Milliseconds after the process was started. */
export interface Start {
  window: number;
  /** Something of the page is painted. */
  content: number;
  /** The list of datasets is there and answers. */
  list: number;
  /** User and system time of main and engine together until then, and of the page's process; null where unknown. */
  cpuMs: number;
}

/** The name that the page gives the moment, see `renderer/state/app.svelte.ts`. */
const listMark = 'list-shown';

/** @param appFolder  of a built app */
export async function measureStart(profile: string, appFolder: string): Promise<Start> {
  const { executablePath, args } = await electronCommand(profile);
  const log = join(profile, 'logs', 'main.log');
  const portFile = join(profile, 'DevToolsActivePort');
  for (const file of [log, portFile]) rmSync(file, { force: true });

  const startedMs = Date.now();
  const app = spawn(executablePath, ['--remote-debugging-port=0', ...args.slice(0, -1), appFolder], {
    stdio: 'ignore',
  });
  const ended = once(app, 'exit');
  try {
    // The machine is left alone until all is over.
    await until(() => existsSync(portFile) && existsSync(log) && readFileSync(log, 'utf8').includes('window is shown'));
    await pause(1500);
    const cpuMs = cpuOf(app.pid!);
    const [port] = readFileSync(portFile, 'utf8').split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const page = browser.contexts()[0]!.pages()[0]!;
    const happened = await page.evaluate(async (listMark) => {
      while (performance.getEntriesByName(listMark).length === 0) await new Promise((next) => setTimeout(next, 50));
      const when = (name: string) => performance.timeOrigin + performance.getEntriesByName(name)[0]!.startTime;
      return { content: when('first-contentful-paint'), list: when(listMark) };
    }, listMark);
    await browser.close();
    const shown = readFileSync(log, 'utf8')
      .split('\n')
      .find((line) => line.includes('The window is shown'))!;
    const { at } = JSON.parse(shown) as { at: string };
    return {
      window: Date.parse(at) - startedMs,
      content: Math.round(happened.content - startedMs),
      list: Math.round(happened.list - startedMs),
      cpuMs,
    };
  } finally {
    app.kill('SIGTERM');
    await ended;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isSo(); waitedMs += 20) {
    if (waitedMs > 30_000) throw new Error('The app has shown no window for 30 s');
    await pause(20);
  }
}

/** User and system time of a process and its children, milliseconds (Linux). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const own = (Number(fields[11]) + Number(fields[12])) * 10;
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), own);
}
