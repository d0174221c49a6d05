/** @file An ONNX model as two files, structure and weights: the runtime maps the weights instead of copying them. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import { encodeModel, type Place } from './encode-model.ts';
import { pieceSize } from './encode.ts';
import type { OnnxModel } from './model.ts';

const structureFile = 'model.onnx';
const weightsFile = 'weights';
/** Shorter ones may be shapes, which the runtime has to know before it looks anywhere else. */
const minApartBytes = 1024;
/** As long as a line of the processor's cache. */
const alignment = 64;

/**
 * Write both files, without waiting for the disk: they are for a moment, not for keeping.
 *
 * @param folder  absolute, empty
 * @returns       the path of the structure, which names the weights
 * @throws {AppError} 'model.invalid' if an input has a type we do not know, 'model.corrupt' if a tensor cannot be read
 * @throws what the file system says
 */
export async function writeOnnxApart(folder: string, model: OnnxModel): Promise<string> {
  const apart: { tensor: LazyTensor; offset: number }[] = [];
  let end = 0;
  const place = (tensor: LazyTensor): Place | null => {
    const sizeBytes = pieceSize(tensor);
    if (sizeBytes < minApartBytes) return null;
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + sizeBytes;
    apart.push({ tensor, offset });
    return { file: weightsFile, offset };
  };
  const pieces = encodeModel(model, place);
  const structure = Buffer.concat(pieces.map((piece) => (piece instanceof Uint8Array ? piece : bytesOf(piece))));

  await using weights = await open(join(folder, weightsFile), 'wx');
  for (const { tensor, offset } of apart) {
    const bytes = bytesOf(tensor);
    for (let done = 0; done < bytes.length;) {
      // A short write is not an error for the system; the rest follows.
      const { bytesWritten } = await weights.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
  const path = join(folder, structureFile);
  await writeFile(path, structure, { flag: 'wx' });
  return path;
}

function bytesOf(tensor: LazyTensor): Uint8Array {
  const bytes = tensor.bytes();
  if (bytes.length !== pieceSize(tensor)) {
    throw new AppError('model.corrupt', `A tensor has ${bytes.length} bytes instead of those of its shape`);
  }
  return bytes;
}
