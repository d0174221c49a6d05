import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packedLines } from '../../../electron/engine/export/packed-lines.ts';
import { repeatableNames, takenNames } from '../../../electron/engine/export/taken-names.ts';

/** Few different ones, which collide with each other and with each other's copies. */
const names = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'A', 'a-2', 'a-3', 'é', 'e\u0301', 'b/a'), fc.constantFrom('', '.jpg', '.JPG'))
    .map((parts) => parts.join('')),
  { maxLength: 40 },
);

/** What must not be equal. */
const seen = (name: string) => name.normalize('NFC').toLowerCase();

/** With every name remembered as it is. */
function plainly() {
  const taken = new Set<string>();
  return (path: string) => {
    let unique = path;
    const [, stem, extension = ''] = /^(.*?)(\.[^./]*)?$/s.exec(path)!;
    for (let copy = 2; taken.has(seen(unique)); copy++) unique = `${stem}-${copy}${extension}`;
    taken.add(seen(unique));
    return unique;
  };
}

test('a name that is taken becomes the first free copy', () => {
  fc.assert(
    fc.property(names, (wanted) => {
      expect(wanted.map(takenNames())).toEqual(wanted.map(plainly()));
    }),
  );
});

test('a later pass gives the names of the first, however many sets of names there are', () => {
  fc.assert(
    fc.property(names, (wanted) => {
      const passes = repeatableNames();
      const [one, other] = [passes.first(), passes.first()];
      const first = wanted.map((name) => [one(name), other(name.slice(0, 1))]);
      for (let pass = 0; pass < 2; pass++) {
        const taken = passes.again();
        const [again, otherAgain] = [taken(), taken()];
        expect(wanted.map((name) => [again(name), otherAgain(name.slice(0, 1))])).toEqual(first);
      }
    }),
  );
});

test('a hundred thousand names that differ stay as they are, and as many equal ones get a number each', () => {
  const unique = takenNames();
  for (let number = 0; number < 100_000; number++) {
    const name = `2024/${number % 31}/IMG_${number}.jpg`;
    if (unique(name) !== name) expect.fail(`${name} was not taken yet`);
    const copy = unique('a.jpg');
    if (copy !== (number === 0 ? 'a.jpg' : `a-${number + 1}.jpg`)) expect.fail(`${copy} is not the next one`);
  }
  expect(unique('2024/0/img_31.JPG')).toBe('2024/0/img_31-2.JPG');
});

test('packed lines come back as they were, as often as they are asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\n'))),
      (texts) => {
        const lines = packedLines();
        const many = Array.from({ length: 300 }, () => texts).flat();
        for (const line of many) lines.push(line);
        expect([...lines]).toEqual(many);
        expect([...lines]).toEqual(many);
      },
    ),
    { numRuns: 30 },
  );
});
