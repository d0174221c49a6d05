/** @file An ONNX file from a model in memory, with no more than one tensor at a time read from where it lies. */
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { AppError } from '#core/errors.ts';
import { encodeModel } from './encode-model.ts';
import { pieceSize, type Piece } from './encode.ts';
import type { OnnxModel } from './model.ts';

/** Source: protobuf refuses messages of 2 GiB, and so does every reader of ONNX. */
const limitBytes = 2 ** 31 - 1;
/** Hashed and written in one go: some milliseconds. */
const sliceBytes = 4 * 1024 * 1024;

export interface WrittenFile {
  sizeBytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/**
 * Write a model: into a temporary file in the same folder, flushed to the disk, then renamed over `path`.
 * Whatever goes wrong, the temporary file is removed and an old file stays as it was.
 *
 * @param path  absolute
 * @throws {AppError} 'model.invalid' if the file would reach 2 GiB or an input has a type we do not know,
 *   'model.corrupt' if a tensor cannot be read, 'disk.full', 'export.failed', 'aborted' if `signal` fires first
 */
export async function writeOnnx(
  path: string,
  model: OnnxModel,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<WrittenFile> {
  const pieces = encodeModel(model);
  const sizeBytes = pieces.reduce((sum, piece) => sum + pieceSize(piece), 0);
  // Not '>': what is no number at all must not pass either.
  if (!(sizeBytes < limitBytes))
    throw new AppError('model.invalid', 'The model is too large: an ONNX file ends at 2 GiB');

  const temporaryPath = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporaryPath, 'wx');
    let sha256: string;
    try {
      sha256 = await pour(file, pieces, signal);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path);
    return { sizeBytes, sha256 };
  } catch (cause) {
    await rm(temporaryPath, { force: true }).catch(() => {});
    throw writeError(cause, path);
  }
}

async function pour(file: FileHandle, pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    const bytes = piece instanceof Uint8Array ? piece : piece.bytes();
    if (bytes.length !== pieceSize(piece)) {
      throw new AppError('model.corrupt', `A tensor has ${bytes.length} bytes instead of those of its shape`);
    }
    for (let start = 0; start < bytes.length;) {
      if (signal?.aborted) throw new AppError('aborted', 'Writing the model was cancelled');
      const slice = bytes.subarray(start, start + sliceBytes);
      // A short write is not an error for the system; the rest follows.
      const { bytesWritten } = await file.write(slice);
      hash.update(slice.subarray(0, bytesWritten));
      start += bytesWritten;
    }
  }
  return hash.digest('hex');
}

function writeError(cause: unknown, path: string): AppError {
  if (cause instanceof AppError) return cause;
  const errno = (cause as NodeJS.ErrnoException).code ?? '';
  const details = { path, errno };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new AppError('disk.full', `No space left to write ${path}`, { details, cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError('export.failed', `${path} could not be written: ${why}`, { details, cause });
}
