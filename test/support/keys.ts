/** @file The keyboard of a person without a mouse, for tests in the real app. */
import { expect } from 'vitest';
import type { LaunchedApp } from './electron.ts';

/** More than any screen has controls. */
const tabLimit = 80;

export interface Keys {
  /** One after another. */
  press: (...keys: string[]) => Promise<void>;
  type: (text: string) => Promise<void>;
  /** The test id of what has the keyboard's focus. */
  focused: () => Promise<string | null>;
  /** The field of the table of commands that has the focus. */
  focusedField: () => Promise<string | null>;
  /** With Tab alone, or back with Shift+Tab. */
  tabTo: (testId: string, key?: 'Tab' | 'Shift+Tab') => Promise<void>;
}

/** @param app  asked for at every key: tests launch it after their file is read, or more than once */
export function keysOf(app: () => LaunchedApp): Keys {
  const attribute = (name: string) =>
    app().page.evaluate((name) => document.activeElement?.getAttribute(name) ?? null, name);
  const keys: Keys = {
    async press(...pressed) {
      for (const key of pressed) await app().page.keyboard.press(key);
    },
    type: (text) => app().page.keyboard.type(text),
    focused: () => attribute('data-testid'),
    focusedField: () => attribute('data-field'),
    async tabTo(testId, key = 'Tab') {
      for (let step = 0; step < tabLimit && (await keys.focused()) !== testId; step++) await keys.press(key);
      expect(await keys.focused()).toBe(testId);
    },
  };
  return keys;
}
