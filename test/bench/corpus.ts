/**
 * @file Folders of photos in the sizes that people have, made from the sample photos: each another part, turned, lighter
 * or darker, with a camera's noise, so that no two are alike and a decoder has as much to do as with real ones.
 */
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { samples, seededRandom } from '../kill/photos.ts';

export const photoSizes = {
  vga: { title: '640 × 480', width: 640, height: 480, noise: 2.6 },
  '2mp': { title: '1632 × 1224', width: 1632, height: 1224, noise: 3.6 },
  '12mp': { title: '4000 × 3000', width: 4000, height: 3000, noise: 4.4 },
} as const;

export type PhotoSize = keyof typeof photoSizes;

/** Changes whenever the pictures would: what lies in the cache is made anew. */
export const corpusVersion = 1;

/** Cameras write 90 and more. */
const quality = 90;
/** One in five is stored turned, as phones do. Source: EXIF 2.32, tag 0x0112. */
const turned = [3, 6, 8];

const noiseLength = 1 << 18;

/**
 * Make what is missing of the first `count` photos of a size.
 *
 * @param home  folder for all sizes; what lies there from before is taken as it is
 * @returns absolute paths, in order; picture `n` is the same whatever `count` is
 */
export async function makeCorpus(home: string, size: PhotoSize, count: number): Promise<string[]> {
  const folder = join(home, `photos-${corpusVersion}`, size);
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, index) => join(folder, `${String(index).padStart(4, '0')}.jpg`));
  const noise = noiseTable(photoSizes[size].noise);
  for (const [index, path] of paths.entries()) {
    if (await exists(path)) continue;
    await writeFile(`${path}.part`, await makePhoto(size, index, noise));
    await rename(`${path}.part`, path);
  }
  return paths;
}

/** As many paths as asked for, from the first on again when there are no more. */
export function repeated(paths: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, index) => paths[index % paths.length]!);
}

/** @param noise  from {@link noiseTable} */
async function makePhoto(size: PhotoSize, index: number, noise: Int8Array): Promise<Buffer> {
  const { width, height } = photoSizes[size];
  const random = seededRandom(index * 7919 + width);
  const names = (await readdir(samples)).filter((name) => name.endsWith('.jpg')).sort();
  const file = await readFile(join(samples, names[index % names.length]!));
  const { width: fullWidth, height: fullHeight } = await sharp(file).metadata();
  const share = 0.65 + 0.3 * random();
  const side = Math.floor(Math.min(fullWidth / 4, fullHeight / 3) * share);
  const [cropWidth, cropHeight] = [side * 4, side * 3];
  const data = await sharp(file)
    .extract({
      left: Math.floor(random() * (fullWidth - cropWidth)),
      top: Math.floor(random() * (fullHeight - cropHeight)),
      width: cropWidth,
      height: cropHeight,
    })
    .flop(random() < 0.5)
    .resize(width, height, { fit: 'fill' })
    .linear(0.85 + 0.3 * random())
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  addNoise(new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, noise, random);

  const picture = sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality });
  const orientation = index % 5 === 4 ? turned[Math.floor(index / 5) % turned.length]! : 1;
  return (orientation === 1 ? picture : picture.withMetadata({ orientation })).toBuffer();
}

/** Bell-shaped, as light that falls on a sensor makes it. @param deviation  standard deviation, levels of 255 */
function noiseTable(deviation: number): Int8Array {
  const random = seededRandom(noiseLength);
  return Int8Array.from({ length: noiseLength }, () => {
    // Source: the sum of twelve numbers in [0, 1) has a variance of one (Irwin and Hall).
    let sum = -6;
    for (let term = 0; term < 12; term++) sum += random();
    return Math.round(sum * deviation);
  });
}

/** The same for all three channels, a row at a time from anywhere in the table. */
function addNoise(rgb: Uint8ClampedArray, width: number, noise: Int8Array, random: () => number): void {
  for (let row = 0; row < rgb.length; row += width * 3) {
    let from = Math.floor(random() * (noiseLength - width));
    for (let at = row; at < row + width * 3; at += 3) {
      const step = noise[from++]!;
      rgb[at] = rgb[at]! + step;
      rgb[at + 1] = rgb[at + 1]! + step;
      rgb[at + 2] = rgb[at + 2]! + step;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
