/** @file Entry of the desktop app: one instance, one window, one engine. */
import { app, dialog, Menu, nativeTheme, powerMonitor } from 'electron';
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { EventName, Events } from '#contract/calls.ts';
import { appHandlers, openFolders, splitFolders } from './app-calls.ts';
import { appPaths } from './app-paths.ts';
import { foldersOf } from './command-line.ts';
import { EngineLink } from './engine-link.ts';
import { serveRenderer, type DroppedFolders } from './ipc.ts';
import { openLog } from './log.ts';
import { menuTemplate } from './menu.ts';
import { languageOf, messages } from './messages.ts';
import { isGentle, linuxSupplies, Power } from './power.ts';
import { readPage, registerSchemes, servePage, serveThumbnails } from './protocol.ts';
import { RunIndicator } from './run-indicator.ts';
import { cutNetwork, guardContents, guardSession } from './session-guard.ts';
import { SettingsFile } from './settings.ts';
import { AppWindow } from './window.ts';

app.setName('Labelwright');
const userDataSwitch = app.commandLine.getSwitchValue('user-data-dir');
if (userDataSwitch) app.setPath('userData', resolve(userDataSwitch));

const folders = foldersOf(process.argv, process.cwd());
// The first instance takes over what this one was asked to open.
if (app.requestSingleInstanceLock({ folders })) start();
else app.exit(0);

function start(): void {
  registerSchemes();
  cutNetwork();
  guardContents();
  // Chromium has no sandbox for root; whoever says --no-sandbox gets none.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

  const paths = appPaths({
    isPackaged: app.isPackaged,
    appPath: app.getAppPath(),
    resourcesPath: process.resourcesPath,
    userData: app.getPath('userData'),
    platform: process.platform,
  });
  mkdirSync(paths.ownModels, { recursive: true });
  const log = openLog(paths.log);
  log('The app starts', { version: app.getVersion(), electron: process.versions['electron'] });
  process.on('uncaughtException', (error) => log('Uncaught exception', { error: String(error.stack ?? error) }));
  process.on('unhandledRejection', (reason) => log('Unhandled rejection', { reason: String(reason) }));

  const page = readPage(paths.renderer);
  const settings = new SettingsFile(paths.settings);
  const indicator = new RunIndicator();
  let window: AppWindow | undefined;
  /** Unknown until 'ready'; a run that begins before is told when it is known. */
  let power: Power | undefined;
  let locale = 'en';
  const words = () => messages[languageOf(settings.current.language, locale)];

  // In parallel with Chromium's own start.
  const engine = new EngineLink({
    nodePath: paths.node,
    entry: paths.engineEntry,
    libraryPath: paths.library,
    cachePath: paths.cache,
    modelsPaths: [paths.bundledModels, paths.ownModels],
    onLog: (line) => log('Engine', { line }),
    configuration() {
      const { threads, batchSize, provider, proxy, mirror, gentle } = settings.current;
      const onBattery = power?.onBattery ?? false;
      return { threads, batchSize, provider, proxy, mirror, gentle: isGentle(gentle, onBattery), thumbnails: true };
    },
    onEvent: tell,
  });

  function tell<Name extends EventName>(name: Name, payload: Events[Name]): void {
    if (name === 'engine.state') log('Engine state', { ...payload });
    if (name === 'run.progress') indicator.show(payload as Events['run.progress'], window);
    window?.send(name, payload);
  }

  function applyMenu(): void {
    const template = menuTemplate(words(), process.platform, (command) => tell('menu.command', { command }));
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  async function openNamed(named: string[]): Promise<void> {
    if (named.length === 0) return;
    const { folders: found, others } = await splitFolders(named);
    if (others.length && window) {
      void dialog.showMessageBox(window.frame, {
        type: 'warning',
        message: words().noSuchFolder,
        detail: others.join('\n'),
      });
    }
    if (found.length === 0) return;
    try {
      tell('dataset.opened', await openFolders(engine, found, null));
    } catch (thrown) {
      log('The folders named could not be opened', { code: AppError.from(thrown).code });
    }
  }

  /** Files among the folders are left out and named. Null when there was no folder at all. */
  async function openDropped(dropped: string[], datasetId: number | null): Promise<DroppedFolders | null> {
    const { folders: found, others } = await splitFolders(dropped);
    if (found.length === 0) return null;
    const ignored = others.map((path) => basename(path));
    return { ...(await openFolders(engine, found, datasetId)), ignored };
  }

  serveRenderer({
    window: () => window?.frame,
    appHandlers: appHandlers({
      paths,
      settings,
      engine,
      locale: () => locale,
      words,
      window() {
        if (!window) throw new AppError('aborted', 'The window is closed');
        return window;
      },
      onSettings() {
        nativeTheme.themeSource = settings.current.theme;
        applyMenu();
        engine.configure();
        tell('settings.changed', settings.current);
      },
    }),
    askEngine: (name, input) => engine.call(name, input as never),
    openDropped,
    onListening: (name) => window?.listening(name),
  });

  void app.whenReady().then(() => {
    locale = systemLocale();
    guardSession();
    nativeTheme.themeSource = settings.current.theme;
    servePage(page);
    serveThumbnails(paths.cache, (token, size) => engine.call('thumbnail.get', { token, size }));
    window = new AppWindow({ preload: paths.preload, statePath: paths.windowState, title: app.name, log });
    window.frame.on('closed', () => (window = undefined));
    // From here on the page's process starts, and main has time for the rest.
    setImmediate(whileThePageStarts);
  });

  function whileThePageStarts(): void {
    // Node loads the code behind it at the first use, which would be the page's first request.
    void Response;
    applyMenu();
    power = new Power({
      source: powerMonitor,
      suppliesFolder: process.platform === 'linux' ? linuxSupplies : null,
      onChange: () => engine.configure(),
    });
    if (power.onBattery) engine.configure();
    void openNamed(folders);
  }

  app.on('second-instance', (_event, _argv, _workingFolder, data) => {
    window?.focus();
    const handed = (data as { folders?: unknown } | null)?.folders;
    if (Array.isArray(handed)) void openNamed(handed.filter((folder) => typeof folder === 'string'));
  });

  app.on('window-all-closed', () => app.quit());
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  let stopping = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (stopping) return;
    stopping = true;
    void engine[Symbol.asyncDispose]().finally(() => app.exit(0));
  });
}

/** The person's first language; a system set to 'C' has none, and Chromium then takes English. */
function systemLocale(): string {
  const preferred = app.getPreferredSystemLanguages()[0];
  return preferred && /^[a-z]{2,3}\b/i.test(preferred) ? preferred : app.getLocale();
}
