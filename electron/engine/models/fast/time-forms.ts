/** @file How much faster the integer form is: the processor's time, one thread, turn by turn. */
import { openSession, type Session } from '../../inference/session.ts';
import type { InstalledModel } from '../manifest.ts';

/** Each a turn of every entrant, in the opposite order every other time. */
export const timingRounds = 8;
/** Pictures per `session.run`. */
const rows = 4;
/** Channels that groups are merged to: what each form gains most from, and none. The faster one counts. */
const widths = { float: [0, 16], integers: [0, 32] };

/**
 * @param picture  shape [H, W, 3], 0–255
 * @returns        images per second of the integer form over those of the float form; null if that could not be told
 */
export async function timeForms(
  float: InstalledModel,
  integers: InstalledModel,
  picture: Uint8Array,
  onProgress: (done: number) => void,
): Promise<number | null> {
  const entrants: { session: Session; form: 'float' | 'integers'; milliseconds: number[] }[] = [];
  try {
    for (const [form, model] of [
      ['float', float],
      ['integers', integers],
    ] as const) {
      for (const mergeWidth of widths[form]) {
        const session = await openSession(model, { threads: 1, embeddings: false, provider: 'cpu', mergeWidth });
        entrants.push({ session, form, milliseconds: [] });
      }
    }
    const pictures = Array.from({ length: rows }, () => picture);
    for (const { session } of entrants) await session.run(pictures);
    for (let round = 0; round < timingRounds; round++) {
      for (const entrant of round % 2 === 0 ? entrants : entrants.toReversed()) {
        const before = process.cpuUsage();
        await entrant.session.run(pictures);
        const { user, system } = process.cpuUsage(before);
        entrant.milliseconds.push((user + system) / 1000);
      }
      onProgress(round + 1);
    }
  } finally {
    for (const { session } of entrants) await session.release();
  }
  const best = (wanted: 'float' | 'integers') =>
    Math.min(...entrants.filter(({ form }) => form === wanted).map(({ milliseconds }) => median(milliseconds)));
  const [slow, fast] = [best('float'), best('integers')];
  return slow > 0 && fast > 0 ? slow / fast : null;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
