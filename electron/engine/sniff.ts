/** @file What kind of file some bytes are, from the bytes themselves; names only break ties. */

/** Formats that are decoded. */
export const pictureFormats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/**
 * - `picture`: decoded;
 * - `unsupported`: a picture, but not one that is decoded; `kind` is its name for people;
 * - `not-a-picture`: `kind` says what it seems to be.
 */
export type Sniffed =
  | { is: 'picture'; format: PictureFormat }
  | { is: 'unsupported'; kind: string }
  | { is: 'not-a-picture'; kind: 'empty' | 'html' | 'text' | 'archive' | 'video' | 'unknown' };

/** Raw formats that begin like any TIFF file: here the extension has to tell. */
const rawExtensions = new Set(
  '3fr arw cr2 dcr dng erf fff iiq k25 kdc mef mos mrw nef nrw orf pef raf raw rw2 sr2 srf srw'.split(' '),
);

/** A magic number: `bytes` (latin-1 text) at offset `at`. */
interface Magic {
  at: number;
  bytes: string;
  means: Sniffed;
}

const picture = (format: PictureFormat): Sniffed => ({ is: 'picture', format });
const unsupported = (kind: string): Sniffed => ({ is: 'unsupported', kind });
const other = (kind: Extract<Sniffed, { is: 'not-a-picture' }>['kind']): Sniffed => ({ is: 'not-a-picture', kind });

/** First match wins. */
const magics: Magic[] = [
  { at: 0, bytes: '\xFF\xD8\xFF', means: picture('jpeg') },
  { at: 0, bytes: '\x89PNG\r\n\x1A\n', means: picture('png') },
  { at: 0, bytes: 'GIF87a', means: picture('gif') },
  { at: 0, bytes: 'GIF89a', means: picture('gif') },
  { at: 0, bytes: '\x00\x00\x00\x0CJXL \r\n\x87\n', means: unsupported('JPEG XL') },
  { at: 0, bytes: '\xFF\x0A', means: unsupported('JPEG XL') },
  { at: 0, bytes: '\x00\x00\x00\x0CjP  \r\n\x87\n', means: unsupported('JPEG 2000') },
  { at: 0, bytes: '\xFF\x4F\xFF\x51', means: unsupported('JPEG 2000') },
  { at: 0, bytes: 'FUJIFILMCCD-RAW', means: unsupported('RAW (RAF)') },
  { at: 0, bytes: 'IIU\x00', means: unsupported('RAW (RW2)') },
  { at: 0, bytes: 'IIRO', means: unsupported('RAW (ORF)') },
  { at: 0, bytes: 'IIRS', means: unsupported('RAW (ORF)') },
  { at: 0, bytes: 'MMOR', means: unsupported('RAW (ORF)') },
  { at: 0, bytes: '\x00MRM', means: unsupported('RAW (MRW)') },
  { at: 0, bytes: '8BPS', means: unsupported('PSD') },
  { at: 0, bytes: '%PDF-', means: unsupported('PDF') },
  { at: 0, bytes: '%!PS', means: unsupported('EPS') },
  { at: 0, bytes: '\x00\x00\x01\x00', means: unsupported('ICO') },
  // Plain true-colour TGA; the format has no magic number, but icons never begin like this.
  { at: 0, bytes: '\x00\x00\x02\x00\x00\x00', means: unsupported('TGA') },
  { at: 0, bytes: 'SIMPLE  =', means: unsupported('FITS') },
  { at: 0, bytes: 'v/1\x01', means: unsupported('OpenEXR') },
  { at: 0, bytes: '#?RADIANCE', means: unsupported('HDR') },
  { at: 0, bytes: 'PK\x03\x04', means: other('archive') },
  { at: 0, bytes: '\x1F\x8B', means: other('archive') },
];

/** Sizes of the second header of a BMP file; "BM" alone could begin any text. */
const bmpHeaderSizes = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** ISO media brands (the `ftyp` box). */
const brandKinds: Record<string, Sniffed> = {
  avif: picture('avif'),
  avis: picture('avif'),
  'crx ': unsupported('RAW (CR3)'),
  heic: unsupported('HEIC'),
  heix: unsupported('HEIC'),
  heim: unsupported('HEIC'),
  heis: unsupported('HEIC'),
  hevc: unsupported('HEIC'),
  hevx: unsupported('HEIC'),
  mif1: unsupported('HEIF'),
  msf1: unsupported('HEIF'),
};

/**
 * @param bytes  the beginning of a file, 4 kB are plenty; all of it when shorter
 * @param name   file name or path
 */
export function sniff(bytes: Uint8Array, name: string): Sniffed {
  if (bytes.length === 0) return other('empty');
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1');

  const magic = magics.find(({ at, bytes: wanted }) => head.startsWith(wanted, at));
  if (magic) return magic.means;
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return picture('webp');
  if (/^(?:II[*+]\0|MM\0[*+])/.test(head)) return sniffTiff(head, name);
  if (head.startsWith('ftyp', 4)) return sniffBrands(head);
  if (head.startsWith('BM') && bmpHeaderSizes.has(head.charCodeAt(14)) && head.startsWith('\0\0\0', 15)) {
    return unsupported('BMP');
  }
  return sniffText(head);
}

function sniffTiff(head: string, name: string): Sniffed {
  if (head.startsWith('CR\x02', 8)) return unsupported('RAW (CR2)');
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return rawExtensions.has(extension) ? unsupported(`RAW (${extension.toUpperCase()})`) : picture('tiff');
}

function sniffBrands(head: string): Sniffed {
  const length = Math.min(head.length, (head.charCodeAt(2) << 8) | head.charCodeAt(3));
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(head.slice(at, at + 4));
  const kinds = brands.map((brand) => brandKinds[brand]).filter((kind) => kind !== undefined);
  // 'mif1' only says "some HEIF": a more telling brand beside it decides.
  return kinds.find((kind) => kind.is === 'picture' || kind.kind !== 'HEIF') ?? kinds[0] ?? other('video');
}

function sniffText(head: string): Sniffed {
  if (/<svg[\s/>]/i.test(head) && /^(?:\xEF\xBB\xBF)?\s*</.test(head)) return unsupported('SVG');
  if (/^(?:\xEF\xBB\xBF)?\s*<(?:!doctype html|html|head|body|script)/i.test(head)) return other('html');
  // Control characters other than tab, line feed, form feed and carriage return do not occur in text.

  return /[\x00-\x08\x0B\x0E-\x1F]/.test(head) ? other('unknown') : other('text');
}
