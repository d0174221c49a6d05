/**
 * @file Paddle's `.pdparams`: a pickled dict of numpy arrays.
 *
 * Source: Paddle, python/paddle/framework/io.py and io_utils.py. `paddle.save` pickles a state dict with protocol 2, 3
 * or 4 as name → array, with one more entry of parameter names; other objects keep tensors as (name, array).
 */
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import { openByteFile, type ByteFile } from './byte-source.ts';
import { unpickle, type PickleFunction } from './pickle.ts';
import { arrayGlobals, keepInFile, PickledArray } from './pickled-array.ts';
import type { WeightFile } from './weight-file.ts';

/** Maps names of the network's parts to those of the program; nothing about weights. */
const nameTable = 'StructuredToParameterName@@';
/** Arrays of a GiB and more in pieces, which protocols 2 and 3 need. */
const splitTable = 'UnpackBigParamInfor@@';
const maxNameLength = 1000;

const tuple: PickleFunction = ([items]) => (Array.isArray(items) ? (items as unknown[]) : []);
const dict: PickleFunction = ([pairs]) => {
  if (pairs === undefined) return new Map();
  const isPairs = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!isPairs) throw new AppError('model.corrupt', 'The file holds a dict that is none');
  return new Map(pairs as [unknown, unknown][]);
};

const globals: Readonly<Record<string, PickleFunction>> = {
  ...arrayGlobals,
  'collections OrderedDict': dict,
  'builtins tuple': tuple,
  '__builtin__ tuple': tuple,
};

/**
 * @throws {AppError} 'model.unsupported' for what is no file of arrays, or names what the file wants to run;
 *   'model.corrupt' if it is damaged; 'file.missing', 'file.denied', 'file.not-regular'
 */
export function openPdparams(path: string): WeightFile {
  const file = openByteFile(path);
  try {
    const { value } = unpickle(file, { globals, longBytes: keepInFile });
    return {
      format: 'paddle-params',
      tensors: readTensors(value, file),
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (thrown) {
    file[Symbol.dispose]();
    throw thrown;
  }
}

function readTensors(value: unknown, file: ByteFile): ReadonlyMap<string, LazyTensor> {
  const arrays = findArrays(value) ?? findWrapped(value);
  if (!arrays) throw new AppError('model.unsupported', 'The file holds no weights: no dict of arrays by name');
  return new Map(Array.from(arrays, ([name, array]) => [name, array.tensor(name, file)]));
}

/** A dict within the dict, as people wrap their checkpoints. */
function findWrapped(value: unknown): Map<string, PickledArray> | null {
  if (!(value instanceof Map)) return null;
  const found = [...value.values()].flatMap((inner) => findArrays(inner) ?? []);
  return found.length === 1 ? found[0]! : null;
}

/** @returns null if there are none */
function findArrays(value: unknown): Map<string, PickledArray> | null {
  if (!(value instanceof Map)) return null;
  if (value.has(splitTable)) {
    throw new AppError('model.unsupported', 'The file keeps its arrays in pieces; save it again with protocol=4');
  }
  const arrays = new Map<string, PickledArray>();
  for (const [name, item] of value) {
    if (typeof name !== 'string' || name.length > maxNameLength || name === nameTable) continue;
    const array: unknown = Array.isArray(item) && item.length === 2 ? item[1] : item;
    if (array instanceof PickledArray) arrays.set(name, array);
  }
  return arrays.size > 0 ? arrays : null;
}
