/** @file The one window: its frame, its page, and events that wait until the page listens. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { EventName, Events } from '#contract/calls.ts';
import { sendEvent } from './ipc.ts';
import type { Log } from './log.ts';
import { pageUrl } from './protocol.ts';
import { restoreWindowState, saveWindowState, smallestWindow } from './window-state.ts';

/** The page's own background, so that nothing flashes before it is painted. */
const backgrounds = { light: '#edece9', dark: '#232220' };

/** Of these the page must learn even if they happened before it was there. */
const kept: ReadonlySet<EventName> = new Set<EventName>(['dataset.opened', 'engine.state']);

const showAfterMs = 2_000;
const reloadPauseMs = 10_000;

export class AppWindow {
  readonly frame: BrowserWindow;
  readonly #listening = new Set<string>();
  readonly #waiting = new Map<EventName, unknown>();
  #reloadedAtMs = -Infinity;

  constructor(options: { preload: string; statePath: string; title: string; log: Log }) {
    const state = restoreWindowState(
      options.statePath,
      screen.getAllDisplays().map((display) => display.workArea),
    );
    this.frame = new BrowserWindow({
      ...state.position,
      width: state.width,
      height: state.height,
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      title: options.title,
      show: false,
      backgroundColor: backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      webPreferences: {
        preload: options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        // Dictionaries would be downloaded.
        spellcheck: false,
      },
    });
    if (state.maximized) this.frame.maximize();

    const show = () => {
      clearTimeout(latest);
      if (this.frame.isDestroyed() || this.frame.isVisible()) return;
      this.frame.show();
      options.log('The window is shown', { sinceStartMs: Math.round(process.uptime() * 1000) });
    };
    // With its page painted, but an empty window is better than none.
    this.frame.once('ready-to-show', show);
    const latest = setTimeout(show, showAfterMs);
    this.frame.on('close', () => {
      saveWindowState(options.statePath, this.frame.getNormalBounds(), this.frame.isMaximized());
    });
    const contents = this.frame.webContents;
    contents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) this.#listening.clear();
    });
    contents.on('render-process-gone', (_event, { reason, exitCode }) => {
      options.log('The page is gone', { reason, exitCode });
      // Nothing is lost with it; but a page that dies at once again would blink for ever.
      if (reason === 'clean-exit' || performance.now() - this.#reloadedAtMs < reloadPauseMs) return;
      this.#reloadedAtMs = performance.now();
      contents.reload();
    });
    void this.frame.loadURL(pageUrl);
  }

  send<Name extends EventName>(name: Name, payload: Events[Name]): void {
    if (this.#listening.has(name)) sendEvent(this.frame, name, payload);
    else if (kept.has(name)) this.#waiting.set(name, payload);
  }

  /** The page listens to this event from now on. */
  listening(name: string): void {
    this.#listening.add(name);
    if (!this.#waiting.has(name as EventName)) return;
    sendEvent(this.frame, name as EventName, this.#waiting.get(name as EventName) as never);
    this.#waiting.delete(name as EventName);
  }

  focus(): void {
    if (this.frame.isMinimized()) this.frame.restore();
    this.frame.show();
    this.frame.focus();
  }
}
