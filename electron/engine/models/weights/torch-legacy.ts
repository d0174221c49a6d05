/** @file PyTorch weights as torch saved them before 1.6: pickles one behind the other, then the numbers. */
import { AppError } from '#core/errors.ts';
import { elementSizes } from '#core/tensor.ts';
import type { ByteFile, ByteSource } from './byte-source.ts';
import { unpickle } from './pickle.ts';
import { namedTensors, unpickleTorch, type StorageId } from './torch-pickle.ts';
import type { TorchStorage } from './torch-tensor.ts';
import type { WeightFile } from './weight-file.ts';

/** Source: torch/serialization.py. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;
/** A count of elements before each storage. */
const countBytes = 8;

/** Whether the file begins with the pickle of PyTorch's number. */
export function isLegacyTorch(source: ByteSource): boolean {
  try {
    return unpickle(source, { globals: {}, end: Math.min(100, source.sizeBytes), maxOps: 10 }).value === magicNumber;
  } catch (thrown) {
    if (thrown instanceof AppError) return false;
    throw thrown;
  }
}

/**
 * @param file  closed by the result's disposal
 * @throws {AppError} 'model.unsupported' for program objects, 'model.corrupt' if it is damaged or cut off
 */
export function openLegacyTorch(file: ByteFile): WeightFile {
  const magic = unpickle(file, { globals: {} });
  const version = unpickle(file, { globals: {}, start: magic.end });
  if (version.value !== protocolVersion) {
    throw new AppError('model.unsupported', `The file has version ${String(version.value)} of PyTorch's old format`);
  }
  const system = unpickle(file, { globals: {}, start: version.end });
  const storages = new Map<string, LegacyStorage>();
  const object = unpickleTorch(file, { start: system.end }, (id) => {
    const storage = storages.get(id.key) ?? new LegacyStorage(file, id);
    if (storage.type !== id.type || storage.count !== id.count) throw corrupt('describes the same numbers twice');
    storages.set(id.key, storage);
    return id.view === null ? storage : partOf(storage, id.view);
  });
  const keys = unpickle(file, { globals: {}, start: object.end });
  placeStorages(file, keys.value, keys.end, storages);
  return {
    format: 'pytorch-legacy',
    tensors: namedTensors(object.value),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Named in the middle of the file, with its numbers at the end, whose place is known last. */
class LegacyStorage implements TorchStorage {
  readonly type: TorchStorage['type'];
  readonly count: number;
  readonly fileBytes: number;
  readonly #file: ByteFile;
  start: number | undefined;

  constructor(file: ByteFile, { type, count }: StorageId) {
    this.type = type;
    this.count = count;
    this.fileBytes = file.sizeBytes;
    this.#file = file;
  }

  read(offset: number, length: number): Uint8Array {
    if (this.start === undefined) throw corrupt('lacks the numbers of a tensor');
    return this.#file.read(this.start + offset, length);
  }
}

/** A list of keys, then for each its count again and its numbers. */
function placeStorages(file: ByteFile, keys: unknown, start: number, storages: ReadonlyMap<string, LegacyStorage>) {
  if (!Array.isArray(keys)) throw corrupt('does not list its numbers');
  let position = start;
  for (const key of keys as unknown[]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage || storage.start !== undefined) throw corrupt('lists numbers that no tensor has');
    const count = new DataView(file.read(position, countBytes).buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.count)) throw corrupt('counts the numbers of a tensor in two ways');
    storage.start = position + countBytes;
    position = storage.start + storage.count * elementSizes[storage.type];
    if (position > file.sizeBytes) throw corrupt('was not copied whole');
  }
}

/** @param view  (key, offset, count), in elements */
function partOf(storage: TorchStorage, view: unknown): TorchStorage {
  const [, offset, count] = (Array.isArray(view) ? view : []) as unknown[];
  if (!isNatural(offset) || !isNatural(count) || offset + count > storage.count) {
    throw corrupt('cuts a part out of numbers that are not there');
  }
  const offsetBytes = offset * elementSizes[storage.type];
  return {
    type: storage.type,
    count,
    fileBytes: storage.fileBytes,
    read: (from, length) => storage.read(offsetBytes + from, length),
  };
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** @param what  continues "The PyTorch file …" */
function corrupt(what: string): AppError {
  return new AppError('model.corrupt', `The PyTorch file ${what}`);
}
