/** @file Why a file could not be written, as a sentence of one language. */
import type { WriteProblem } from '#core/export-profile.ts';
import type { Messages } from './en.ts';

export function writeProblem(text: Messages, { errno, code }: WriteProblem): string {
  const { problemOf } = text.profiles;
  return (errno === null ? undefined : problemOf[errno]) ?? text.error[code];
}
