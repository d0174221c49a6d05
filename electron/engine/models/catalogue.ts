/** @file All weights we know the address of, with their published facts. */
import { AppError } from '#core/errors.ts';
import { deepghs } from './catalogue/deepghs.ts';
import { idPart, type KnownWeights } from './catalogue/known-weights.ts';
import { paddleclas } from './catalogue/paddleclas.ts';
import { timm } from './catalogue/timm.ts';
import { torchvision } from './catalogue/torchvision.ts';

/** A new publisher is a file in `catalogue/` and a name here. */
export const catalogue: readonly KnownWeights[] = [...paddleclas, ...torchvision, ...timm, ...deepghs];

/**
 * @param id  as in the catalogue; capitals and underscores, as in a publisher's own name, are fine too
 * @throws {AppError} 'not-found'
 */
export function knownWeights(id: string): KnownWeights {
  const found = catalogue.find((entry) => entry.id === idPart(id));
  if (found) return found;
  throw new AppError('not-found', `There are no weights "${id}" in the catalogue`);
}
