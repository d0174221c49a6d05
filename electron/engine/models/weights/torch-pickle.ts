/** @file The object in a PyTorch file, and the named weights in it. */
import { AppError } from '#core/errors.ts';
import type { ElementType, LazyTensor } from '#core/tensor.ts';
import type { ByteSource } from './byte-source.ts';
import { withoutCommonPrefix } from './common-prefix.ts';
import { PickledGlobal, unpickle, type PickleOptions } from './pickle.ts';
import { storageTypes, torchGlobals, unsupported } from './torch-globals.ts';
import { TorchTensor } from './torch-tensor.ts';

/** What a persistent id says of a storage. */
export interface StorageId {
  type: ElementType;
  key: string;
  /** Elements. */
  count: number;
  /** Older files: (key, offset, count) of a part that is a storage of its own. */
  view: unknown;
}

/** Classes live in such modules; their names are the sign of a whole network, saved as a program object. */
const programModules = /^(?:torch\.nn|torchvision|timm|fastai|__main__|models?|networks?|src)\./;

/**
 * @param source   from `options.start` on
 * @param storage  what stands for a storage in a tensor
 * @throws {AppError} 'model.unsupported' with the name of what is not allowed, 'model.corrupt'
 */
export function unpickleTorch(
  source: ByteSource,
  options: Pick<PickleOptions, 'start' | 'end'>,
  storage: (id: StorageId) => unknown,
): { value: unknown; end: number } {
  try {
    return unpickle(source, {
      ...options,
      globals: torchGlobals,
      persistentId: (id) => storage(storageId(id)),
      // Long texts and arrays of a training run are none of the weights.
      longBytes: () => null,
    });
  } catch (thrown) {
    const global = thrown instanceof AppError ? thrown.details['global'] : undefined;
    if (typeof global !== 'string' || !programModules.test(global)) throw thrown;
    throw new AppError(
      'model.unsupported',
      `The file holds a whole program object ("${global}") instead of weights; save its state_dict() and add that`,
      { details: { global }, cause: thrown },
    );
  }
}

/** Source: torch/serialization.py, `persistent_id`: ('storage', class, key, location, count[, view]). */
function storageId(id: unknown): StorageId {
  const [kind, storageClass, key, , count, view = null] = Array.isArray(id) ? (id as unknown[]) : [];
  if (
    kind !== 'storage' ||
    !(storageClass instanceof PickledGlobal) ||
    typeof key !== 'string' ||
    !Number.isSafeInteger(count) ||
    (count as number) < 0
  ) {
    throw new AppError('model.corrupt', 'The file names the numbers of a tensor in an unknown way');
  }
  const name = storageClass.name;
  const type = Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
  if (!type) throw unsupported(`numbers of "${name.replace(' ', '.')}"`);
  return { type, key, count: count as number, view };
}

/** Where training scripts put the weights. Averages over the training count only where the plain ones are missing. */
const wrappers = [
  ...['state_dict', 'state_dict_ema', 'model_ema', 'model', 'model_state', 'model_state_dict'],
  ...['net', 'module', 'params'],
];
/** A dict in a dict in a dict. */
const maxWrappers = 4;
/** How many steps an average is made of; not a weight. Source: torch.optim.swa_utils.AveragedModel. */
const averageCount = 'n_averaged';

/**
 * By name, in file order, without the prefixes that all have in common.
 *
 * @throws {AppError} 'model.unsupported' if there are none
 */
export function namedTensors(checkpoint: unknown): ReadonlyMap<string, LazyTensor> {
  const tensors = tensorsIn(unwrap(checkpoint));
  if (tensors.size === 0) throw new AppError('model.unsupported', 'The file holds no weights with names');
  return withoutCommonPrefix(tensors);
}

function unwrap(checkpoint: unknown): unknown {
  let found = checkpoint;
  for (let depth = 0; depth < maxWrappers && found instanceof Map; depth++) {
    const dict: Map<unknown, unknown> = found;
    const inner = wrappers.map((key) => dict.get(key)).find((value) => holdsTensors(value, maxWrappers));
    if (inner === undefined) break;
    found = inner;
  }
  return found;
}

function holdsTensors(value: unknown, depth: number): boolean {
  if (!(value instanceof Map)) return false;
  const dict: Map<unknown, unknown> = value;
  if (dict.values().some((item) => item instanceof TorchTensor)) return true;
  return depth > 1 && wrappers.some((key) => holdsTensors(dict.get(key), depth - 1));
}

function tensorsIn(dict: unknown): Map<string, LazyTensor> {
  const tensors = new Map<string, LazyTensor>();
  if (!(dict instanceof Map)) return tensors;
  for (const [name, value] of dict as Map<unknown, unknown>) {
    if (typeof name === 'string' && name !== averageCount && value instanceof TorchTensor) tensors.set(name, value);
  }
  return tensors;
}
