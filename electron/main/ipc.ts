/** @file The only `ipcMain` listeners: check the sender, check the size, answer with a Result. */
import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { AppError } from '#core/errors.ts';
import {
  appCalls,
  engineCalls,
  type AppCallName,
  type EngineCallName,
  type EventName,
  type Events,
  type Handlers,
} from '#contract/calls.ts';
import { serveCall } from '#contract/channel.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { pageUrl } from './protocol.ts';

/** A selection of 100,000 pictures by id is about 0.7 MB. */
const maxInputChars = 1_000_000;
/** A plot as a picture takes more; the contract says how much exactly. */
const maxPlotChars = 21_000_000;

export interface DroppedFolders {
  datasetId: number;
  /** Names of what was dropped and is no folder. */
  ignored: string[];
}

export interface RendererServices {
  /** The one window, when there is one. */
  window(): BrowserWindow | undefined;
  appHandlers: Handlers<AppCallName>;
  /** Ask the engine; it checks the input itself. */
  askEngine(name: EngineCallName, input: unknown): Promise<unknown>;
  /** Paths of what was dropped; only the preload script can name them. */
  openDropped(paths: string[], datasetId: number | null): Promise<DroppedFolders | null>;
  /** The page listens to this event from now on. */
  onListening(name: string): void;
}

export function serveRenderer(services: RendererServices): void {
  ipcMain.handle('call', (event, name: unknown, input: unknown) =>
    answer(event, services, input, name === 'plot.save' ? maxPlotChars : maxInputChars, async (plain) => {
      if (typeof name === 'string' && Object.hasOwn(appCalls, name)) {
        return serveCall(services.appHandlers, name, plain);
      }
      // Calls that name paths are known to the engine, but not to the page.
      if (typeof name !== 'string' || !Object.hasOwn(engineCalls, name)) {
        throw new AppError('input.invalid', 'No such call');
      }
      return ok(await services.askEngine(name as EngineCallName, plain));
    }),
  );

  ipcMain.handle('drop-folders', (event, input: unknown) =>
    answer(event, services, input, maxInputChars, async (plain) => {
      const { paths, datasetId } = plain as { paths?: unknown; datasetId?: unknown };
      const isId = datasetId === null || (Number.isSafeInteger(datasetId) && (datasetId as number) > 0);
      if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string') || !isId) {
        throw new AppError('input.invalid', 'Bad input for drop-folders');
      }
      return ok(await services.openDropped(paths, datasetId as number | null));
    }),
  );

  ipcMain.on('listening', (event, name: unknown) => {
    if (isOurs(event, services.window()) && typeof name === 'string') services.onListening(name);
  });
}

/** Tell the page something. Events sent before it listens are kept by the caller. */
export function sendEvent<Name extends EventName>(window: BrowserWindow, name: Name, payload: Events[Name]): void {
  if (!window.isDestroyed() && !window.webContents.isDestroyed()) window.webContents.send('event', name, payload);
}

async function answer(
  event: IpcMainInvokeEvent,
  services: RendererServices,
  input: unknown,
  maxChars: number,
  serve: (plain: object) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  try {
    if (!isOurs(event, services.window())) throw new AppError('input.invalid', 'Unknown sender');
    return await serve(toPlainData(input, maxChars));
  } catch (thrown) {
    return err(thrown);
  }
}

/** The top frame of our own window, showing our own page. */
function isOurs(event: IpcMainEvent | IpcMainInvokeEvent, window: BrowserWindow | undefined): boolean {
  const frame = event.senderFrame;
  if (!window || window.isDestroyed() || event.sender.id !== window.webContents.id || !frame) return false;
  return frame.parent === null && frame.url.startsWith(pageUrl);
}

/**
 * What arrives may hold cycles, maps, big integers; what goes on is what JSON can say.
 *
 * @throws {AppError} 'input.invalid' when it cannot, or is too large
 */
function toPlainData(input: unknown, maxChars: number): object {
  let text: string | undefined;
  try {
    text = JSON.stringify(input ?? {});
  } catch {
    throw new AppError('input.invalid', 'The input is not plain data');
  }
  if (text === undefined || text.length > maxChars) throw new AppError('input.invalid', 'The input is too large');
  const plain = JSON.parse(text) as unknown;
  if (typeof plain !== 'object' || plain === null) throw new AppError('input.invalid', 'The input must be an object');
  return plain;
}
