import { expect, test } from 'vitest';
import { openPace } from '../../../renderer/state/reading-pace.ts';

const at = (bytesRead: number, entryCount: number, totalBytes = 1000) => ({
  importId: 1,
  bytesRead,
  totalBytes,
  entryCount,
});

test('a rate and the time left are told once a second of reading is behind, however long the file was looked for', () => {
  const pace = openPace();
  expect(pace(at(100, 10), 60_000)).toBeNull();
  expect(pace(at(150, 15), 60_500)).toBeNull();
  expect(pace(at(300, 30), 62_000)).toEqual({ entriesPerSecond: 10, secondsLeft: 7 });
  expect(pace(at(1000, 100), 69_000)).toEqual({ entriesPerSecond: 10, secondsLeft: 0 });
});

test('of a folder nobody knows how long it takes; read once more it begins anew', () => {
  const pace = openPace();
  pace(at(0, 10, 0), 0);
  expect(pace(at(0, 50, 0), 2000)).toEqual({ entriesPerSecond: 20, secondsLeft: null });
  expect(pace(at(0, 5, 0), 2500)).toBeNull();
});
