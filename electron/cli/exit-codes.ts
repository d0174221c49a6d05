/** @file What the exit code of the command line says. */
import type { ErrorCode } from '#core/errors.ts';

export const exitCodes = {
  ok: 0,
  /** Some pictures have no label because something is wrong with them, or the run did not get through. */
  incomplete: 1,
  /** Wrong usage, or nothing could be done at all. */
  usage: 2,
  /** Another process has the library open; later it may work. Source: sysexits.h, EX_TEMPFAIL. */
  busy: 75,
  /** Stopped by Ctrl-C. Source: shells, 128 + SIGINT. */
  interrupted: 130,
} as const;

export function exitCodeOf(code: ErrorCode): number {
  return code === 'store.locked' ? exitCodes.busy : exitCodes.usage;
}
