/** @file PyTorch weights as torch saves them since 1.6: a zip archive of one pickle and one entry for each storage. */
import { AppError } from '#core/errors.ts';
import { elementSizes } from '#core/tensor.ts';
import { bytesInMemory, type ByteFile, type ByteSource } from './byte-source.ts';
import { namedTensors, unpickleTorch, type StorageId } from './torch-pickle.ts';
import type { TorchStorage } from './torch-tensor.ts';
import type { WeightFile } from './weight-file.ts';
import { readZipEntry, zipEntries, type ZipEntry } from './zip.ts';

/** Of the pickle, if it is compressed: that of a 152-layer network takes 0.1 MB. */
const maxUnpackedPickle = 64 * 1024 * 1024;

/**
 * @param file  closed by the result's disposal
 * @throws {AppError} 'model.unsupported' for TorchScript, compressed or big-endian weights, program objects and
 *   archives of other things; 'model.corrupt' if the archive is damaged
 */
export function openTorch(file: ByteFile): WeightFile {
  const entries = zipEntries(file);
  const root = archiveRoot(entries);
  const order = entries.get(`${root}byteorder`);
  if (order && Buffer.from(readZipEntry(file, order, 100)).toString('latin1') !== 'little') {
    throw new AppError('model.unsupported', 'The file was written on a big-endian machine, which is not supported');
  }

  const { source, start, end } = pickleIn(file, entries.get(`${root}data.pkl`)!);
  const storages = new Map<string, TorchStorage>();
  const { value } = unpickleTorch(source, { start, end }, (id) => {
    const kept = storages.get(id.key);
    if (kept?.type === id.type && kept.count === id.count) return kept;
    const storage = storageIn(file, entries.get(`${root}data/${id.key}`), id);
    storages.set(id.key, storage);
    return storage;
  });
  return { format: 'pytorch', tensors: namedTensors(value), [Symbol.dispose]: () => file[Symbol.dispose]() };
}

/** The folder in the archive, with its slash. */
function archiveRoot(entries: ReadonlyMap<string, ZipEntry>): string {
  for (const name of entries.keys()) {
    const root = /^((?:[^/]+\/)?)data\.pkl$/.exec(name)?.[1];
    if (root === undefined) continue;
    if (entries.has(`${root}constants.pkl`)) {
      throw new AppError(
        'model.unsupported',
        'The file is a TorchScript program (made by torch.jit.save) instead of weights; save its state_dict() and add that',
      );
    }
    return root;
  }
  throw new AppError('model.unsupported', 'The file is a zip archive without PyTorch weights in it');
}

function pickleIn(file: ByteFile, entry: ZipEntry): { source: ByteSource; start: number; end: number } {
  if (entry.isStored) {
    const start = entry.position();
    return { source: file, start, end: start + entry.sizeBytes };
  }
  const bytes = readZipEntry(file, entry, maxUnpackedPickle);
  return { source: bytesInMemory(bytes), start: 0, end: bytes.length };
}

function storageIn(file: ByteFile, entry: ZipEntry | undefined, { type, key, count }: StorageId): TorchStorage {
  if (!entry) throw new AppError('model.corrupt', `The numbers of storage "${key.slice(0, 80)}" are missing`);
  if (!entry.isStored) {
    throw new AppError(
      'model.unsupported',
      'The weights in the file are compressed; load it with torch.load and save it again with torch.save',
    );
  }
  if (entry.sizeBytes !== count * elementSizes[type]) {
    throw new AppError('model.corrupt', `Storage "${key.slice(0, 80)}" has not the size that it should have`);
  }
  let start: number | undefined;
  return {
    type,
    count,
    fileBytes: file.sizeBytes,
    read: (offset, length) => file.read((start ??= entry.position()) + offset, length),
  };
}
