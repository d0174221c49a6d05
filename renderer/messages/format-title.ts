/** @file What a format is called in one language. */
import type { Messages } from './en.ts';

/** One that has no name here keeps the engine's. */
export function formatTitle(text: Messages, { id, title }: { id: string; title: string }): string {
  return Object.hasOwn(text.formats, id) ? text.formats[id]! : title;
}
