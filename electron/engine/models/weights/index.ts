/** @file Files of weights, known by what is in them. */
import { AppError } from '#core/errors.ts';
import { openByteFile, type ByteFile } from './byte-source.ts';
import { openPdparams } from './pdparams.ts';
import { isSafetensors, openSafetensors } from './safetensors.ts';
import { isLegacyTorch, openLegacyTorch } from './torch-legacy.ts';
import { openTorch } from './torch.ts';
import type { WeightFile } from './weight-file.ts';

/** Source: PKWARE APPNOTE 4.3.7 (local header); pickletools (PROTO, then the protocol); POSIX ustar, offset 257. */
const zipStart = [0x50, 0x4b, 0x03, 0x04];
const pickleStart = 0x80;
const tar = { magic: 'ustar', offset: 257 };

/**
 * Names, types and shapes are read, numbers stay in the file until asked for. Its extension plays no part.
 *
 * @throws {AppError} 'model.unsupported' with what it is or lacks, 'model.corrupt' if it is damaged,
 *   'file.missing', 'file.denied', 'file.not-regular', 'file.bad-name'
 */
export function openWeights(path: string): WeightFile {
  const file = openByteFile(path);
  try {
    const open = readerOf(file);
    if (open) return open(file);
  } catch (thrown) {
    file[Symbol.dispose]();
    throw thrown;
  }
  file[Symbol.dispose]();
  return openPdparams(path);
}

/** Undefined for a pickle of something else than PyTorch. */
function readerOf(file: ByteFile): ((file: ByteFile) => WeightFile) | undefined {
  const start = file.read(0, Math.min(file.sizeBytes, tar.offset + tar.magic.length));
  if (zipStart.every((byte, at) => start[at] === byte)) return openTorch;
  if (isSafetensors(file)) return openSafetensors;
  if (start[0] === pickleStart) return isLegacyTorch(file) ? openLegacyTorch : undefined;
  if (Buffer.from(start).toString('latin1', tar.offset) === tar.magic) {
    throw new AppError('model.unsupported', 'The file is a tar archive; unpack it and add what is in it');
  }
  throw new AppError('model.unsupported', 'The file holds neither PyTorch nor safetensors nor Paddle weights');
}
