/** @file Several processes, one app: they start, die, come back and end together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  electronCommand,
  labeled,
  launchApp,
  photoFolder,
  temporaryFolder,
  type LaunchedApp,
} from '../support/electron.ts';

/** Processes whose parent is `parent`, with the arguments they were started with. */
function childrenOf(parent: number): { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const parentPid = Number(readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return parentPid === parent ? [{ pid: Number(entry), command }] : [];
    } catch {
      return []; // Gone meanwhile.
    }
  });
}

const enginesOf = ({ electron }: LaunchedApp) =>
  childrenOf(electron.process().pid!)
    .filter(({ command }) => command.includes('--library'))
    .map(({ pid }) => pid);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('folders named at the start are opened and labeled', async () => {
  const folder = await photoFolder(2);
  await using app = await launchApp({ folders: [folder] });
  await labeled(app, 2);

  const datasets = await app.call('datasets.list', {});
  expect(datasets.map(({ sources }) => sources.map((source) => source.folder))).toEqual([[folder]]);
});

test('an engine killed in the middle of a run is back in two seconds, and the run ends as if nothing had been', async () => {
  const folder = await photoFolder(40);
  await using app = await launchApp({ folders: [folder] });
  await expect
    .poll(async () => (await app.call('datasets.list', {}))[0]?.run?.state, { timeout: 30_000 })
    .toBe('running');

  const [pid] = enginesOf(app);
  process.kill(pid!, 'SIGKILL');
  const killedAt = performance.now();
  await app.call('models.list', {});
  expect(performance.now() - killedAt).toBeLessThan(2_000);
  expect(enginesOf(app)).not.toContain(pid);

  await labeled(app, 40);
  expect((await app.call('datasets.list', {}))[0]!.byStatus).toMatchObject({ done: 40, failed: 0, pending: 0 });
});

test('a page that was killed comes back', async () => {
  await using app = await launchApp();
  const killed = app.page.waitForEvent('crash');
  const pid = await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]!.getOSProcessId());
  process.kill(pid, 'SIGKILL');
  await killed;

  const shown = () =>
    app.electron.evaluate(async ({ webContents }) => {
      const [contents] = webContents.getAllWebContents();
      const script = `document.querySelector('[data-testid="status-bar"]') !== null`;
      return contents!.isCrashed() ? false : ((await contents!.executeJavaScript(script)) as boolean);
    });
  await expect.poll(shown, { timeout: 10_000 }).toBe(true);
});

test('a second start hands its folders over and ends', async () => {
  const folder = await photoFolder(1);
  await using app = await launchApp();
  const { executablePath, args } = await electronCommand(app.userData);
  const second = spawn(executablePath, [...args, '--folders', folder], { stdio: 'ignore' });
  const [code] = (await once(second, 'exit')) as [number];

  expect(code).toBe(0);
  await labeled(app, 1);
  const [dataset] = await app.call('datasets.list', {});
  expect(dataset!.sources.map((source) => source.folder)).toEqual([folder]);
});

test('SIGTERM ends everything within three seconds, and the library is closed', async () => {
  const folder = await photoFolder(40);
  const app = await launchApp({ folders: [folder] });
  await expect
    .poll(async () => (await app.call('datasets.list', {}))[0]?.run?.state, { timeout: 30_000 })
    .toBe('running');
  const main = app.electron.process();
  const [engine] = enginesOf(app);
  const ended = once(main, 'exit');
  const startedAt = performance.now();
  process.kill(main.pid!, 'SIGTERM');
  await ended;

  expect(performance.now() - startedAt).toBeLessThan(3_500);
  expect(isAlive(engine!)).toBe(false);
  expect(readdirSync(app.userData)).not.toContain('library.labelwright-wal');
});

test('an engine whose app was killed ends by itself', async () => {
  const app = await launchApp();
  await app.call('models.list', {});
  const [engine] = enginesOf(app);
  const main = app.electron.process();
  const ended = once(main, 'exit');
  process.kill(main.pid!, 'SIGKILL');
  await ended;

  await expect.poll(() => isAlive(engine!), { timeout: 5_000 }).toBe(false);
});

test('a library that is no library is named as such, and the window stays', async () => {
  const userData = temporaryFolder('profile');
  writeFileSync(join(userData, 'library.labelwright'), 'This is not a library at all. '.repeat(500));
  await using app = await launchApp({ userData, settings: {} });

  await expect(app.call('datasets.list', {})).rejects.toThrow(/store\./);
  expect(await app.call('app.info', {})).toMatchObject({ platform: process.platform });
});

test('the window comes back where it was', async () => {
  const first = await launchApp();
  await first.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]!.setBounds({ x: 60, y: 40, width: 1100, height: 700 }),
  );
  await first[Symbol.asyncDispose]();
  await using second = await launchApp({ userData: first.userData });

  const bounds = await second.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());
  expect(bounds).toMatchObject({ width: 1100, height: 700 });
});

test('folders dropped on the window become a dataset; files among them are left out', async () => {
  const folder = await photoFolder(2);
  await using app = await launchApp();
  const session = await app.page.context().newCDPSession(app.page);
  const paths = [folder, join(folder, 'photo-01.jpg')];
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data });
  }
  await labeled(app, 2);

  const [dataset] = await app.call('datasets.list', {});
  expect(dataset!.sources.map((source) => source.folder)).toEqual([folder]);
});
