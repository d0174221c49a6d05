import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nodePath } from '../../cli/labelwright.ts';

test.each(['csv', 'coco'])('a million rows stream to %s with at most 120 MB of memory', async (format) => {
  const { stdout } = await promisify(execFile)(nodePath, [join(import.meta.dirname, 'million.ts'), format]);
  const { rowCount, sizeBytes, addedMegabytes } = JSON.parse(stdout) as Record<string, number>;
  expect(rowCount).toBe(1_000_000);
  expect(sizeBytes).toBeGreaterThan(80_000_000);
  expect(addedMegabytes).toBeLessThanOrEqual(120);
});
