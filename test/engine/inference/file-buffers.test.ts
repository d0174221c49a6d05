import { expect, test } from 'vitest';
import { openFileBuffers } from '../../../electron/engine/inference/file-buffers.ts';

const megabyte = 1024 * 1024;

test('memory that was given back is used again, for exactly as many bytes as asked', () => {
  const buffers = openFileBuffers(32 * megabyte);
  const first = buffers.take(2_000_000);
  buffers.give(first);
  const second = buffers.take(1_900_000);

  expect(second.length).toBe(1_900_000);
  expect(second.buffer).toBe(first.buffer);
  expect(buffers.take(1_900_000).buffer).not.toBe(first.buffer);
});

test('a file takes the smallest memory it fits into, and none that is far too large', () => {
  const buffers = openFileBuffers(64 * megabyte);
  const [large, middle] = [buffers.take(20 * megabyte), buffers.take(4 * megabyte)];
  buffers.give(large);
  buffers.give(middle);

  expect(buffers.take(3 * megabyte).buffer).toBe(middle.buffer);
  expect(buffers.take(1000).buffer.byteLength).toBeLessThan(megabyte);
  expect(buffers.take(18 * megabyte).buffer).toBe(large.buffer);
});

test('no more is kept than allowed: what was used longest ago goes first', () => {
  const buffers = openFileBuffers(10 * megabyte);
  const all = [4, 5, 3].map((size) => buffers.take(size * megabyte));
  for (const buffer of all) buffers.give(buffer);
  buffers.give(buffers.take(11 * megabyte));

  expect(buffers.take(4 * megabyte).buffer).toBe(all[1]!.buffer);
  expect(buffers.take(3 * megabyte).buffer).toBe(all[2]!.buffer);
});

test('an empty file has an empty buffer', () => {
  expect(openFileBuffers(megabyte).take(0).length).toBe(0);
});
