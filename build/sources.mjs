/** @file What the build is made from, and where it notes what it was made from last. */
import { inRoot } from './repository.mjs';

/** Files and folders, relative to the repository. */
export const sources = [
  'electron',
  'renderer',
  'build/build.mjs',
  'vite.config.ts',
  'svelte.config.js',
  'package.json',
  'package-lock.json',
];

export const buildStampFile = inRoot('out/.stamp');
