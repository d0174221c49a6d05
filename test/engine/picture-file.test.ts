import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPicture } from '../../electron/engine/picture-file.ts';
import { temporaryFolder } from '../support/library.ts';

test.each([0, 5, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 30_000_001])(
  'the hash of %i bytes is the beginning of their SHA-256',
  async (sizeBytes) => {
    const path = join(temporaryFolder(), 'large.tif');
    const bytes = Buffer.alloc(sizeBytes, 'a picture');
    writeFileSync(path, bytes);
    expect((await readPicture(path)).contentHash).toBe(hash('sha256', bytes).slice(0, 32));
  },
);

/** Processor time of this thread so far, microseconds. */
function used(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

test('a large file is hashed in many short stretches', async () => {
  const path = join(temporaryFolder(), 'large.tif');
  // Written once, so that no memory comes into being while it is measured.
  const bytes = Buffer.alloc(64 * 1024 * 1024, 1);
  writeFileSync(path, bytes);
  const started = used();
  hash('sha256', bytes);
  const atOnce = used() - started;

  let longest = 0;
  let turn = used();
  const turns = setInterval(() => {
    longest = Math.max(longest, used() - turn);
    turn = used();
  }, 1);
  await readPicture(path, { allocate: () => bytes });
  longest = Math.max(longest, used() - turn);
  clearInterval(turns);
  expect(longest).toBeLessThan(atOnce / 2);
});
