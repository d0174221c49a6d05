import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sniff } from '../../electron/engine/sniff.ts';
import { fixture, samplePhotos } from '../support/pictures.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
  '%s is known by what it begins with',
  async (format) => {
    const bytes = await sharp(readFileSync(samplePhotos[0]!)).resize(32).toFormat(format).toBuffer();

    expect(sniff(bytes, 'misleading.txt')).toEqual({ is: 'picture', format });
  },
);

test.each([
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'a.heic'],
  ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'a.heic'],
  ['HEIF', '\0\0\0\x14ftypmif1\0\0\0\0mif1', 'a.heif'],
  ['RAW (CR3)', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'a.cr3'],
  ['RAW (CR2)', 'II*\0\x10\0\0\0CR\x02\0', 'a'],
  ['RAW (NEF)', 'MM\0*\0\0\0\x08', 'A.NEF'],
  ['RAW (DNG)', 'II*\0\x08\0\0\0', 'folder.tif/a.dng'],
  ['RAW (ARW)', 'II*\0\x08\0\0\0', 'a.arw'],
  ['RAW (RAF)', 'FUJIFILMCCD-RAW 0201', 'a.raf'],
  ['RAW (ORF)', 'IIRO\x08\0\0\0', 'a.orf'],
  ['RAW (RW2)', 'IIU\0\x18\0\0\0', 'a.rw2'],
  ['BMP', `BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0`, 'a.bmp'],
  ['PSD', '8BPS\0\x01', 'a.psd'],
  ['PDF', '%PDF-1.7', 'a.jpg'],
  ['JPEG XL', '\xff\x0a\xfa', 'a.jxl'],
  ['JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n', 'a.jxl'],
  ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', 'a.jp2'],
  ['ICO', '\0\0\x01\0\x01\0', 'a.ico'],
  ['TGA', '\0\0\x02\0\0\0\0\0', 'a.tga'],
  ['SVG', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'a.png'],
  ['SVG', '\xef\xbb\xbf<svg/>', 'a.svg'],
])('%s is a picture of an unsupported kind', (kind, text, name) => {
  const bytes = latin1(text);

  expect(sniff(bytes, name)).toEqual({ is: 'unsupported', kind });
});

test.each([
  ['empty', ''],
  ['text', 'BM is how this sentence begins'],
  ['text', 'grüße'],
  ['html', '\n<!DOCTYPE html><p>'],
  ['archive', 'PK\x03\x04'],
  ['video', '\0\0\0\x18ftypisom\0\0\0\0isommp42'],
  ['unknown', '\x7fELF\x02\x01\x01\0'],
])('%s is not a picture', (kind, text) => {
  expect(sniff(latin1(text), 'a.jpg')).toEqual({ is: 'not-a-picture', kind });
});

test('a raw file that looks like TIFF is told by its extension only', () => {
  const tiff = readFileSync(samplePhotos[0]!).fill('II*\0\x08\0\0\0', 0, 8);

  expect(sniff(tiff, 'a.tif')).toEqual({ is: 'picture', format: 'tiff' });
  expect(sniff(tiff, 'a.nef')).toEqual({ is: 'unsupported', kind: 'RAW (NEF)' });
});

test('an AVIF of the general HEIF brand is an AVIF', () => {
  expect(sniff(latin1('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'), 'a')).toEqual({ is: 'picture', format: 'avif' });
});

test('any bytes and any name get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), (bytes, name) => {
      expect(['picture', 'unsupported', 'not-a-picture']).toContain(sniff(bytes, name).is);
    }),
  );
});

test('a script in the clothes of a picture is no picture', () => {
  const bytes = readFileSync(fixture('corpus', 'wrong-type', 'mvg-imagetragick.png'));

  expect(sniff(bytes, 'mvg-imagetragick.png').is).not.toBe('picture');
});
