/** @file The app as a person has it: the real Electron, the real engine, a profile of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron as electron, type ElectronApplication, type Locator, type Page } from 'playwright-core';
import sharp from 'sharp';
import type { CallInput, CallOutput, RendererCallName } from '#contract/calls.ts';
import type { Settings } from '#core/settings.ts';
import { electronBinary, ensureElectron } from '../../build/electron-runtime.mjs';
import type {} from '../../renderer/api.ts';
import { keepMachine, lendMachine } from './machine.ts';
import { samplePhotos } from './pictures.ts';

export const root = new URL('../../', import.meta.url).pathname.replace(/\/$/, '');

export interface LaunchedApp extends AsyncDisposable {
  electron: ElectronApplication;
  page: Page;
  /** Of this launch; give it to the next one to come back to everything. */
  userData: string;
  /** Errors, blocked sources and failed requests that the page has met. Expected to stay empty. */
  problems: string[];
  get(testId: string): Locator;
  /** As the page does it. @throws with the code of the error */
  call<Name extends RendererCallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
}

export interface LaunchOptions {
  /** Named on the command line. */
  folders?: string[];
  /** Default: a new, empty one. */
  userData?: string;
  settings?: Partial<Settings>;
}

const temporaryFolders: string[] = [];
process.once('exit', () => temporaryFolders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that goes when the tests' process does. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `labelwright-${name}-`));
  temporaryFolders.push(folder);
  return folder;
}

/** What has to stand before the app's own arguments on this machine. */
export async function electronCommand(userData: string): Promise<{ executablePath: string; args: string[] }> {
  const executablePath = process.env['LABELWRIGHT_ELECTRON'] ?? electronBinary(await ensureElectron());
  // Chromium has no sandbox for root, and a virtual screen has no graphics card.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, args: [...sandbox, '--disable-gpu', `--user-data-dir=${userData}`, root] };
}

/** Start the app and wait until its page is there. */
export async function launchApp({ folders, userData, settings }: LaunchOptions = {}): Promise<LaunchedApp> {
  const profile = userData ?? temporaryFolder('profile');
  if (settings || !userData) {
    mkdirSync(profile, { recursive: true });
    writeFileSync(join(profile, 'settings.json'), JSON.stringify({ language: 'en', theme: 'light', ...settings }));
  }
  const cachePath = join(profile, 'cache');
  lendMachine(cachePath);
  const { executablePath, args } = await electronCommand(profile);
  const launched = await electron.launch({
    executablePath,
    args: [...args, ...(folders ? ['--folders', ...folders] : [])],
    env: { ...(process.env as Record<string, string>) },
  });
  const page = await launched.firstWindow();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  await page.getByTestId('status-bar').waitFor();

  return {
    electron: launched,
    page,
    userData: profile,
    problems,
    get: (testId) => page.getByTestId(testId),
    call: (name, input) => callFromPage(page, name, input),
    [Symbol.asyncDispose]: async () => {
      await launched.close();
      keepMachine(cachePath);
    },
  };
}

async function callFromPage<Name extends RendererCallName>(
  page: Page,
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const result = await page.evaluate(([name, input]) => window.labelwright.call(name, input), [name, input] as const);
  if (!result.ok) throw new Error(result.error.code);
  return (result.value === undefined ? undefined : JSON.parse(result.value)) as CallOutput<Name>;
}

/** What the person will choose in the next dialogs for folders; null: they give up. */
export async function chooseFolders({ electron }: LaunchedApp, folders: string[] | null): Promise<void> {
  await electron.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: filePaths === null, filePaths: filePaths ?? [] });
  }, folders);
}

/** Where the person will save from now on; null: they give up. */
export async function chooseSaveFile({ electron }: LaunchedApp, file: string | null): Promise<void> {
  await electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: filePath === null, filePath: filePath ?? '' });
  }, file);
}

/** Resolves when every picture of every dataset has a result. */
export async function labeled(app: LaunchedApp, imageCount: number): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const datasets = await app.call('datasets.list', {});
    const counts = datasets.map(({ byStatus }) => byStatus);
    const done = counts.reduce((sum, { done, failed }) => sum + done + failed, 0);
    if (done >= imageCount && datasets.every(({ run }) => run === null || run.state === 'finished')) return;
    if (Date.now() > until) throw new Error(`Still not labeled: ${JSON.stringify(datasets)}`);
    await app.page.waitForTimeout(100);
  }
}

/** A folder of `count` photos, no two alike: the samples, each a little smaller than the one before. */
export async function photoFolder(count: number): Promise<string> {
  const folder = temporaryFolder('photos');
  for (let index = 0; index < count; index++) {
    const photo = samplePhotos[index % samplePhotos.length]!;
    const width = 480 - 7 * Math.floor(index / samplePhotos.length);
    const bytes = await sharp(readFileSync(photo)).resize({ width }).jpeg({ quality: 85 }).toBuffer();
    writeFileSync(join(folder, `photo-${String(index + 1).padStart(2, '0')}.jpg`), bytes);
  }
  return folder;
}
