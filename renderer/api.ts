/** @file The typed door to the other processes. */
import type { CallInput, CallOutput, EventName, Events, RendererCallName } from '#contract/calls.ts';
import { unwrap, type Result } from '#contract/result.ts';

interface DroppedFolders {
  datasetId: number;
  /** Names of what was dropped and is no folder. */
  ignored: string[];
}

interface Bridge {
  /** JSON; undefined where a call answers nothing. */
  call(name: string, input: unknown): Promise<Result<string | undefined>>;
  on(name: string, listener: (payload: string) => void): () => void;
  dropFolders(files: File[], datasetId: number | null): Promise<Result<DroppedFolders | null>>;
}

declare global {
  interface Window {
    labelwright: Bridge;
  }
}

/** @throws {AppError} with the code of the process that failed */
export async function call<Name extends RendererCallName>(
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const text = unwrap(await window.labelwright.call(name, input));
  return (text === undefined ? undefined : JSON.parse(text)) as CallOutput<Name>;
}

/** @returns the function that stops listening */
export function on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void {
  return window.labelwright.on(name, (payload) => listener(JSON.parse(payload) as Events[Name]));
}

/** Open what was dropped on the window; null when no folder was among it. @throws {AppError} */
export async function dropFolders(files: File[], datasetId: number | null): Promise<DroppedFolders | null> {
  return unwrap(await window.labelwright.dropFolders(files, datasetId));
}

/** Address of a copy for the screen: 's' up to 320 px, 'l' up to 2048 px. */
export function thumbnailUrl(image: { token: string; version: string }, size: 's' | 'l'): string {
  return `thumb://i/${image.token}?s=${size}&v=${encodeURIComponent(image.version)}`;
}
