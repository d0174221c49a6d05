import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nodePath } from '../../cli/labelwright.ts';

test.each([
  ['csv', 80_000_000],
  ['coco', 80_000_000],
  ['parquet', 5_000_000],
])('a million rows stream to %s with at most 120 MB of memory', async (format, leastBytes) => {
  const { stdout } = await promisify(execFile)(nodePath, [join(import.meta.dirname, 'million.ts'), format]);
  const { rowCount, sizeBytes, addedMegabytes } = JSON.parse(stdout) as Record<string, number>;
  expect(rowCount).toBe(1_000_000);
  expect(sizeBytes).toBeGreaterThan(leastBytes);
  expect(addedMegabytes).toBeLessThanOrEqual(120);
});

test.each(['class-folders', 'image-sets'])(
  'a folder of 200,000 pictures with equal names, split, is written as %s with at most 90 MB of memory',
  async (format) => {
    // As the engine is started.
    const command = ['--max-semi-space-size=4', join(import.meta.dirname, 'million-folder.ts'), format, '200000'];
    const { stdout } = await promisify(execFile)(nodePath, command);
    const { sizeBytes, addedMegabytes } = JSON.parse(stdout) as Record<string, number>;
    expect(sizeBytes).toBeGreaterThan(30_000_000);
    expect(addedMegabytes).toBeLessThanOrEqual(90);
  },
);
