/** @file Calls answered by a test instead of the engine, and events as if it had sent them: for states that take long. */
import type { CallOutput, EventName, Events, RendererCallName } from '#contract/calls.ts';
import type { SerializedError } from '#core/errors.ts';
import type { LaunchedApp } from './electron.ts';

/** A value, an error, or no answer at all. */
type Answer<Name extends RendererCallName> = { value: CallOutput<Name> } | { error: SerializedError } | 'never';
export type Answers = { [Name in RendererCallName]?: Answer<Name> };

interface HandlersOfMain {
  _invokeHandlers: Map<string, (...input: unknown[]) => unknown>;
}

/** From now on these calls of the page are answered so; calls that are not named go to the app as before. */
export async function answerCalls({ electron }: LaunchedApp, answers: Answers): Promise<void> {
  await electron.evaluate(({ ipcMain }, answers) => {
    const place = globalThis as { labelwrightHandler?: (...input: unknown[]) => unknown };
    // Electron keeps them there; it has no other way to ask for one.
    const real = (place.labelwrightHandler ??= (ipcMain as unknown as HandlersOfMain)._invokeHandlers.get('call')!);
    ipcMain.removeHandler('call');
    ipcMain.handle('call', (event, name: string, input: unknown) => {
      const answer = (answers as Record<string, 'never' | object | undefined>)[name];
      if (answer === undefined) return real(event, name, input);
      if (answer === 'never') return new Promise(() => {});
      return { ok: 'value' in answer, ...answer };
    });
  }, answers);
}

export async function sendEvent<Name extends EventName>(
  { electron }: LaunchedApp,
  name: Name,
  payload: Events[Name],
): Promise<void> {
  await electron.evaluate(
    ({ BrowserWindow }, [name, payload]) => BrowserWindow.getAllWindows()[0]!.webContents.send('event', name, payload),
    [name, payload] as const,
  );
}
