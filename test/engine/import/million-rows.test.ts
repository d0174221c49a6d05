import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nodePath } from '../../cli/labelwright.ts';

test.each(['csv', 'coco'])(
  'a million pictures are read from %s with at most 120 MB of memory',
  { timeout: 180_000 },
  async (format) => {
    const { stdout } = await promisify(execFile)(nodePath, [join(import.meta.dirname, 'million-rows.ts'), format]);
    const { entryCount, addedMegabytes } = JSON.parse(stdout) as Record<string, number>;
    expect(entryCount).toBe(1_000_000);
    expect(addedMegabytes).toBeLessThanOrEqual(120);
  },
);
