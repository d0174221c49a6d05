/** @file Which photos serve which part of making an integer form; no photo serves two. */
import { AppError } from '#core/errors.ts';

export interface PhotoPlan {
  /** Ranges are measured on these, */
  calibration: number;
  /** ways of making it are compared on these, */
  choosing: number;
  /** and what was chosen is checked on these. */
  checking: number;
}

/** The gate wants 300; ranges settle after some dozens; choosing only has to tell good from bad. */
export const leastPhotos: PhotoPlan = { calibration: 64, choosing: 96, checking: 300 };
/** More would take longer and say the same. */
const mostPhotos: PhotoPlan = { calibration: 192, choosing: 256, checking: 552 };

export const total = ({ calibration, choosing, checking }: PhotoPlan): number => calibration + choosing + checking;

export const neededPhotos = total(leastPhotos);
/** As many as are asked for, if there are as many. */
export const wantedPhotos = total(mostPhotos);

/**
 * @param found  photos that can be read, no two of them alike
 * @throws {AppError} 'model.too-few-photos'
 */
export function planPhotos(found: number): PhotoPlan {
  if (found < neededPhotos) throw tooFewPhotos(found);
  const share = Math.min(1, (found - neededPhotos) / (wantedPhotos - neededPhotos));
  const part = (name: keyof PhotoPlan) =>
    leastPhotos[name] + Math.floor(share * (mostPhotos[name] - leastPhotos[name]));
  return { calibration: part('calibration'), choosing: part('choosing'), checking: part('checking') };
}

export function tooFewPhotos(found: number): AppError {
  return new AppError(
    'model.too-few-photos',
    `This takes ${neededPhotos} different photos that can be read, and there are ${found}`,
    { details: { needed: neededPhotos, found } },
  );
}

/**
 * All of them in an order that depends on the seed alone.
 *
 * Source of the generator: mulberry32, Tommy Ettinger, public domain; of the shuffle: Durstenfeld (1964), algorithm 235.
 */
export function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const shuffled = [...items];
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
