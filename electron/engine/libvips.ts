/** @file The library that decodes pictures, shut down to what we need; loaded by the first picture, not by the start. */
import { createRequire } from 'node:module';
import type sharp from 'sharp';

let loaded: typeof sharp | undefined;

/** Loading takes 100 ms of CPU, a quarter of the engine's start, and most starts need it only later. */
export function libvips(): typeof sharp {
  return (loaded ??= harden(createRequire(import.meta.url)('sharp') as typeof sharp));
}

function harden(library: typeof sharp): typeof sharp {
  // Every loader is shut out first: libvips chooses by content, so a file extension never protects from SVG or PDF.
  library.block({ operation: ['VipsForeignLoad'] });
  library.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadNsgifBuffer',
      'VipsForeignLoadTiffBuffer',
      'VipsForeignLoadHeifBuffer',
    ],
  });
  // Every picture is decoded once, so a cache would only hold memory; parallelism comes from several pictures at a time.
  library.cache(false);
  library.concurrency(1);
  return library;
}
