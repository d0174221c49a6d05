import { expect, test } from 'vitest';
import { AppError, errorCodes } from '../../electron/core/errors.ts';
import { exitCodeOf } from '../../electron/cli/exit-codes.ts';
import { describe as describeError, sentence } from '../../electron/cli/messages.ts';
import { counted, table } from '../../electron/cli/output.ts';
import { duration } from '../../electron/cli/progress.ts';

test('each error code has a sentence of its own', () => {
  const sentences = errorCodes.map(sentence);
  expect(new Set(sentences).size).toBe(errorCodes.length);
  for (const text of sentences) expect(text).toMatch(/^[A-Z].*\.$/);
});

test('a library in use names the process that has it, and exits with 75', () => {
  const error = new AppError('store.locked', 'in use', { details: { pid: 4711 } });
  expect(describeError(error)).toBe('The library is in use by process 4711. Close it, or name another with --library.');
  expect(exitCodeOf(error.code)).toBe(75);
});

test('an export that failed says why, in its own words', () => {
  expect(describeError(new AppError('export.failed', '/x is a folder'))).toBe('/x is a folder.');
});

test('tables align text to the left and numbers to the right', () => {
  expect(
    table(
      ['Label', 'Pictures'],
      [
        ['cat', 7],
        ['lighthouse', 1200],
      ],
    ),
  ).toBe(['  Label       Pictures', '  cat                7', '  lighthouse      1200'].join('\n'));
});

test('one of a kind is counted in the singular, none and more in the plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'picture'))).toEqual(['0 pictures', '1 picture', '2 pictures']);
  expect([1, 3].map((count) => counted(count, 'entry', 'entries'))).toEqual(['1 entry', '3 entries']);
});

test.each([
  [0.04, '0.0 s'],
  [9.9, '9.9 s'],
  [9.97, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('%d seconds read as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
