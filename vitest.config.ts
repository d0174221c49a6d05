/** @file What `vitest` runs: unit and integration tests, tests of the page's state, and the app itself. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    // Native modules and child processes: a process each, and no more of them than two cores carry.
    pool: 'forks',
    maxWorkers: 2,
    // Vitest itself gives up after a second, which a busy machine may need for less.
    expect: { poll: { timeout: 15_000 } },
    globalSetup: 'test/support/machine.ts',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/renderer/**'],
          // For machines that do much else: a test that hangs is all that has to wait for it.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        plugins: [svelte()],
        // Without this, Node gets the server half of Svelte, in which nothing reacts.
        resolve: { conditions: ['browser'] },
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.ts'],
          // State without native code or processes: they share theirs, which saves two thirds of their time.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
