import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldersOf } from '../../electron/main/command-line.ts';
import { fileNameOf } from '../../electron/main/file-name.ts';
import { parseThumbnailUrl } from '../../electron/main/thumbnail-url.ts';

const token = '0123456789abcdef0123456789abcdef';

test('an address names a picture by its token, and a size', () => {
  expect(parseThumbnailUrl(`thumb://i/${token}?s=l&v=1f-2%20a`)).toEqual({ token, size: 'l' });
  expect(parseThumbnailUrl(`thumb://i/${token}`)).toEqual({ token, size: 's' });
});

test.each([
  `thumb://j/${token}`,
  `thumb://i/${token}/`,
  `thumb://i/../${token}`,
  `thumb://i/%2e%2e/${token}`,
  `thumb://i/${token.toUpperCase()}`,
  `thumb://i/${token}0`,
  `thumb://i/${token}?s=x`,
  `thumb://i/${token}?path=/etc/passwd`,
  `thumb://i/${token}%00`,
  `thumb://i\\${token}`,
  `thumb://i@other/${token}`,
  `thumb://i:80/${token}`,
  `app://i/${token}`,
])('%s is no address', (address) => {
  expect(parseThumbnailUrl(address)).toBeUndefined();
});

test('whatever comes, the token is 32 hexadecimal digits or there is none', () => {
  const part = fc.oneof(fc.webUrl(), fc.string(), fc.constantFrom(token, '..', '%2e', 'thumb://i/', '?s=s', '&v='));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const parsed = parseThumbnailUrl(parts.join(''));
      return parsed === undefined || /^[0-9a-f]{32}$/.test(parsed.token);
    }),
    { numRuns: 10_000 },
  );
});

test('folders follow the switch, whatever Chromium adds', () => {
  const argv = ['electron', 'app', '--inspect=0', '--folders', 'a', '/b c', '--no-sandbox', './d'];

  expect(foldersOf(argv, '/home')).toEqual(['/home/a', '/b c', '/home/d']);
  expect(foldersOf(['electron', 'app', 'a'], '/home')).toEqual([]);
});

test.each([
  ['Holiday 2026', 'csv', 'Holiday 2026.csv'],
  ['a/b\\c:d', 'csv', 'a-b-c-d.csv'],
  ['..', 'csv', 'labels.csv'],
  ['', 'coco.json', 'labels.coco.json'],
  ['名字\u0000', 'csv', '名字-.csv'],
])('a dataset named %j proposes a file name', (name, extension, expected) => {
  expect(fileNameOf(name, extension)).toBe(expected);
});
