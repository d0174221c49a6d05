/**
 * @file The sample photos, and odd and broken copies of them, the same ones every time.
 *
 * Files are read before sharp sees them: beside the engine's decoder sharp opens no paths.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';

const fixtures = new URL('../fixtures/', import.meta.url).pathname;

/** Absolute path of something under `test/fixtures`. */
export function fixture(...parts: string[]): string {
  return join(fixtures, ...parts);
}

/** Absolute paths, sorted. */
export const samplePhotos = readdirSync(fixture('photos'))
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => fixture('photos', name));

export function nameOf(path: string): string {
  return basename(path, '.jpg');
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A file that shows the photo upright, though its pixels are stored turned or mirrored.
 *
 * @param orientation  EXIF orientation, 1–8
 */
export async function turnedCopy(photo: string, orientation: number, format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> {
  const { data, info } = await sharp(readFileSync(photo)).raw().toBuffer({ resolveWithObject: true });
  let stored = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  // The inverse of what a viewer does: 5 and 7 mirror at a diagonal, 6 and 8 are quarter turns.
  if (orientation === 3) stored = stored.rotate(180);
  if (orientation === 5 || orientation === 7) stored = stored.rotate(90);
  if (orientation === 6) stored = stored.rotate(270);
  if (orientation === 8) stored = stored.rotate(90);
  // Mirroring comes before turning, whatever the order of these lines.
  if (orientation === 2 || orientation === 7) stored = stored.flop();
  if (orientation === 4 || orientation === 5) stored = stored.flip();
  stored = stored.withMetadata({ orientation });
  return format === 'png'
    ? stored.png({ compressionLevel: 1 }).toBuffer()
    : stored.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** The same picture in another dress; `plain` is what it must look like to a model. */
export interface OddCopy {
  name: string;
  bytes: Buffer;
  /** 8-bit sRGB PNG. */
  plain: Buffer;
}

/** Copies in other formats, depths and colour spaces; lossy ones and reduced palettes come with their own plain version. */
export async function oddCopies(photo: string): Promise<OddCopy[]> {
  const plain = await sharp(readFileSync(photo)).resize(400).png({ compressionLevel: 1 }).toBuffer();
  const same = async (name: string, bytes: Promise<Buffer>): Promise<OddCopy> => ({ name, bytes: await bytes, plain });
  const own = async (name: string, made: Promise<Buffer>): Promise<OddCopy> => {
    const bytes = await made;
    return {
      name,
      bytes,
      plain: await sharp(bytes).toColourspace('srgb').removeAlpha().png({ compressionLevel: 1 }).toBuffer(),
    };
  };
  return Promise.all([
    same('interlaced.png', sharp(plain).png({ progressive: true }).toBuffer()),
    same('sixteen-bit.png', sharp(plain).toColourspace('rgb16').png().toBuffer()),
    same('sixteen-bit.tif', sharp(plain).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer()),
    same('opaque-alpha.png', sharp(plain).ensureAlpha(1).png().toBuffer()),
    same('lossless.webp', sharp(plain).webp({ lossless: true }).toBuffer()),
    same('deflate.tif', sharp(plain).tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer()),
    same('png-named.jpg', sharp(plain).png().toBuffer()),
    same('jpeg-named.png', sharp(plain).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()),
    same('png-named.nothing', sharp(plain).png().toBuffer()),
    same(
      'progressive.jpg',
      sharp(plain).jpeg({ quality: 100, chromaSubsampling: '4:4:4', progressive: true }).toBuffer(),
    ),
    own('gray.jpg', sharp(plain).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer()),
    own('gray.png', sharp(plain).toColourspace('b-w').png().toBuffer()),
    own('gray-sixteen-bit.png', sharp(plain).toColourspace('grey16').png().toBuffer()),
    own('palette.png', sharp(plain).png({ palette: true, colours: 256 }).toBuffer()),
    own('small-palette.png', sharp(plain).png({ palette: true, colours: 16 }).toBuffer()),
    own('still.gif', sharp(plain).gif().toBuffer()),
    own('cmyk.jpg', sharp(plain).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()),
    own('lossy.webp', sharp(plain).webp({ quality: 80 }).toBuffer()),
    own('lossy.avif', sharp(plain).resize(320).avif({ quality: 70, effort: 0 }).toBuffer()),
  ]);
}

/** The beginning of a file: `share` of its bytes. */
export function truncated(bytes: Buffer, share: number): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

/** One bit turned over, somewhere. */
export function withFlippedBit(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(random() * copy.length);
  copy[at] = copy[at]! ^ (1 << Math.floor(random() * 8));
  return copy;
}

/** Many photos of few: parts of the samples, mirrored or not, no two alike. @returns absolute paths */
export async function cropsOfSamples(folder: string, count: number): Promise<string[]> {
  const random = seededRandom(count);
  const photos = samplePhotos.map((photo) => readFileSync(photo));
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const photo = photos[index % photos.length]!;
    const { width = 0, height = 0 } = await sharp(photo).metadata();
    // A large part, so that what it shows is still to be seen.
    const share = 0.7 + 0.3 * random();
    const part = { width: Math.round(width * share), height: Math.round(height * share) };
    const left = Math.floor(random() * (width - part.width + 1));
    const top = Math.floor(random() * (height - part.height + 1));
    const crop = sharp(photo).extract({ left, top, ...part });
    const path = join(folder, `${nameOf(samplePhotos[index % photos.length]!)}-${index}.jpg`);
    writeFileSync(path, await (random() < 0.5 ? crop.flop() : crop).jpeg({ quality: 85 }).toBuffer());
    paths.push(path);
  }
  return paths;
}
