/** @file Keywords beside or inside photos, as photo programs read them. */
import type { LeftOut } from './export-options.ts';

/**
 * - sidecar: `photo.jpg.xmp`, which digiKam, darktable and Immich read;
 * - sidecar-lightroom: `photo.xmp`, which Lightroom reads, beside RAW files only;
 * - inside: the photo itself, if it is a JPEG, PNG, WebP or TIFF file.
 */
export const keywordPlaces = ['sidecar', 'sidecar-lightroom', 'inside'] as const;
export type KeywordPlace = (typeof keywordPlaces)[number];

export interface KeywordOptions {
  where: KeywordPlace;
  /** Photos only: leave the time of the file as it was, so that nothing sorts them anew; absent: true. */
  keepTime?: boolean | undefined;
}

export interface KeywordResult {
  /** Sidecars and photos that are different now. */
  changed: number;
  /** Those that had these words already. */
  unchanged: number;
  sizeBytes: number;
  leftOut: LeftOut;
}
