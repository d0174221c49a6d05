/** @file One row of the catalogue as it is written down: what is the same on every machine. */
import type { CatalogueEntry } from '#core/catalogue.ts';

export interface KnownWeights extends Omit<CatalogueEntry, 'speed' | 'installed' | 'sizeBytes'> {
  /** What the publisher calls it, as in the address. */
  publishedName: string;
  /**
   * About: no publisher states it to the byte. torchvision rounds to a thousandth of a MiB; for the others it is what
   * that many float32 numbers take. Good for a person's decision and for telling a file from an error page.
   */
  sizeBytes: number;
  /** The first hex digits of the SHA-256, where no more is published. */
  sha256Prefix: string | null;
}

/** Creative Commons' non-commercial licence, of everything trained on Instagram's or Flickr's pictures by Facebook. */
export const nonCommercialLicence = 'CC-BY-NC-4.0';

/** 'ResNeXt50_vd_32x4d' → 'resnext50-vd-32x4d', as model ids are written. */
export function idPart(publishedName: string): string {
  return publishedName.toLowerCase().replaceAll('_', '-');
}
