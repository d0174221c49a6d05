/** @file Where the window was, and where it can be now. */
import type { Rectangle } from 'electron';
import { readJsonFile, writeJsonFile } from './json-file.ts';

export interface WindowState {
  /** Undefined: in the middle of the screen. */
  position?: { x: number; y: number };
  /** Of the window when not maximized, in display pixels. */
  width: number;
  height: number;
  maximized: boolean;
}

export const smallestWindow = { width: 960, height: 600 };
const firstWindow: WindowState = { width: 1280, height: 800, maximized: false };

/**
 * @param displays  work areas of the displays there are; a window that none of them shows is brought back
 */
export function restoreWindowState(path: string, displays: readonly Rectangle[]): WindowState {
  const stored = readJsonFile(path) as Partial<Record<string, unknown>> | null | undefined;
  const { x, y, width, height, maximized } = typeof stored === 'object' && stored !== null ? stored : {};
  const state: WindowState = {
    width: isPixels(width) ? Math.max(smallestWindow.width, width) : firstWindow.width,
    height: isPixels(height) ? Math.max(smallestWindow.height, height) : firstWindow.height,
    maximized: maximized === true,
  };
  if (isPixels(x) && isPixels(y) && displays.some((display) => showsTitleBar(display, { x, y, width: state.width }))) {
    state.position = { x, y };
  }
  return state;
}

/** @throws never: a position that cannot be saved is forgotten */
export function saveWindowState(path: string, bounds: Rectangle, maximized: boolean): void {
  try {
    writeJsonFile(path, { ...bounds, maximized });
  } catch {
    // Next time the window is where it was the time before.
  }
}

function isPixels(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) < 100_000;
}

/** Enough of the upper edge to take hold of. */
function showsTitleBar(display: Rectangle, { x, y, width }: { x: number; y: number; width: number }): boolean {
  const visible = Math.min(x + width, display.x + display.width) - Math.max(x, display.x);
  return visible >= 100 && y >= display.y && y <= display.y + display.height - 50;
}
