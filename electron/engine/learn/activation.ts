/**
 * @file Class activation maps: where in a picture the evidence for a category lies.
 *
 * Source: Zhou et al., "Learning Deep Features for Discriminative Localization" (2016), arXiv:1512.04150. Exact for a
 * network that ends in global average pooling and a linear layer: the mean of the map is the logit without its bias.
 */
import { AppError } from '#core/errors.ts';
import type { ActivationMap } from '#core/learn.ts';
import type { InstalledModel } from '../models/manifest.ts';

/** A row of a head's weights (shape [D]), or the place of a label among the model's own. */
export type Evidence = Float32Array | { label: number };

export interface ActivationMaps extends AsyncDisposable {
  /**
   * Decode one picture, run the network up to its last feature map, and weigh that. The session is kept for the next
   * picture and released when nobody asked for a while. Not for the engine's own thread.
   *
   * @param model  the float form: `InstalledModel` as the registry gives it
   * @param path   of the picture, absolute
   * @throws {AppError} 'model.unsupported' if there is no map to draw from; 'not-found' for a label the model does not
   *   have; what is wrong with the picture ('image.damaged', 'file.missing', …)
   */
  of(model: InstalledModel, path: string, evidence: Evidence): Promise<Omit<ActivationMap, 'categoryId' | 'category'>>;
}

export function openActivationMaps(): ActivationMaps {
  return {
    of: async () => {
      throw new AppError('internal', 'Activation maps are not built yet');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
