import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockLibrary } from '../../../electron/engine/store/lock.ts';
import { temporaryFolder } from '../../support/library.ts';

test('a second engine is told which process has the library', () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  using lock = lockLibrary(path);
  expect(lock).toBeDefined();

  expect(() => lockLibrary(path)).toThrow(
    expect.objectContaining({ code: 'store.locked', details: expect.objectContaining({ pid: process.pid }) }),
  );
});

test('a lock that was given back can be taken again', () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  lockLibrary(path)[Symbol.dispose]();

  expect(() => lockLibrary(path)[Symbol.dispose]()).not.toThrow();
});
