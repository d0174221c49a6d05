/** @file What a PyTorch checkpoint may name: tensors, plain containers, and the small change of training. */
import type { ElementType } from '#core/tensor.ts';
import { AppError } from '#core/errors.ts';
import { numpyGlobals } from './numpy-pickle.ts';
import { PickledGlobal, PickledObject, type PickleFunction } from './pickle.ts';
import { TorchTensor, type TorchStorage } from './torch-tensor.ts';

/** By the class of the storage. Source: torch/storage.py, `_dtype_to_storage_type_map`. */
export const storageTypes: Readonly<Record<string, ElementType>> = {
  'torch DoubleStorage': 'float64',
  'torch FloatStorage': 'float32',
  'torch HalfStorage': 'float16',
  'torch BFloat16Storage': 'bfloat16',
  'torch LongStorage': 'int64',
  'torch IntStorage': 'int32',
  'torch ShortStorage': 'int16',
  'torch CharStorage': 'int8',
  'torch ByteStorage': 'uint8',
  'torch BoolStorage': 'bool',
  // Bytes of any type; the tensor says of which.
  'torch UntypedStorage': 'uint8',
  'torch.storage UntypedStorage': 'uint8',
};

const readableTypes: Readonly<Record<string, ElementType>> = {
  float64: 'float64',
  float32: 'float32',
  float16: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/** Allowed as names, so that the refusal can say what the matter is. Source: torch/csrc, `ScalarType`. */
const otherTypes = [
  ...['uint16', 'uint32', 'uint64', 'complex32', 'complex64', 'complex128', 'quint8', 'qint8', 'qint32'],
  ...['float8_e5m2', 'float8_e4m3fn', 'float8_e5m2fnuz', 'float8_e4m3fnuz', 'float8_e8m0fnu', 'float4_e2m1fn_x2'],
];
const otherStorages = ['ComplexFloatStorage', 'ComplexDoubleStorage', 'QUInt8Storage', 'QInt8Storage', 'QInt32Storage'];

/** `argparse.Namespace`: the settings of a training run, which nothing here asks for. */
class Settings extends PickledObject {
  setState(): void {}
}

function storageOf(value: unknown): TorchStorage {
  if (typeof value !== 'object' || value === null || !('read' in value)) throw corrupt();
  return value as TorchStorage;
}

const rebuildTensor: PickleFunction = ([storage, offset, shape, strides, _gradient, _hooks, marks]) => {
  if (marks instanceof Map && [...marks.values()].includes(true)) throw unsupported('a view with its signs changed');
  return new TorchTensor(storageOf(storage), offset, shape, strides);
};

const rebuildTypedTensor: PickleFunction = ([storage, offset, shape, strides, _gradient, _hooks, type]) => {
  if (!(type instanceof PickledGlobal)) throw corrupt();
  const name = type.name.replace('torch ', '');
  const known = Object.hasOwn(readableTypes, name) ? readableTypes[name] : undefined;
  if (!known) throw unsupported(`a tensor of ${name}`);
  return new TorchTensor(storageOf(storage), offset, shape, strides, known);
};

const tensorFunctions: Readonly<Record<string, PickleFunction>> = {
  'torch._utils _rebuild_tensor': rebuildTensor,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_tensor_v3': rebuildTypedTensor,
};

/** A tensor with attributes of its own: (function, class, arguments, attributes). */
const rebuildFromType: PickleFunction = ([make, , args]) => {
  // Only these: a function that calls itself would never end.
  if (!(make instanceof PickledGlobal && Object.hasOwn(tensorFunctions, make.name)) || !Array.isArray(args)) {
    throw corrupt();
  }
  return make.call(args);
};

const first: PickleFunction = ([value]) => value ?? null;
const joined: PickleFunction = (parts) => parts.map(String).join('/').slice(0, 4096);
const dict: PickleFunction = ([pairs]) => new Map(pairs instanceof Map ? pairs : pairsOf(pairs));
const set: PickleFunction = ([items]) => new Set(Array.isArray(items) ? items : []);
const constant: PickleFunction = () => {
  throw corrupt();
};
const refusal = (what: string): PickleFunction => {
  return () => {
    throw unsupported(what);
  };
};

function fromNames(names: readonly string[], value: PickleFunction): Record<string, PickleFunction> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

export const torchGlobals: Readonly<Record<string, PickleFunction>> = {
  ...tensorFunctions,
  ...numpyGlobals,
  ...fromNames(Object.keys(storageTypes), constant),
  ...fromNames(
    [...Object.keys(readableTypes), ...otherTypes, ...otherStorages].map((name) => `torch ${name}`),
    constant,
  ),
  ...fromNames(['torch Tensor', 'torch._tensor Tensor', 'torch.tensor Tensor'], constant),
  'torch.nn.parameter Parameter': constant,
  'torch._tensor _rebuild_from_type_v2': rebuildFromType,
  'torch._utils _rebuild_parameter': first,
  'torch._utils _rebuild_parameter_with_state': first,
  'torch Size': ([sizes]) => sizes ?? [],
  'torch device': (parts) => parts.map(String).join(':').slice(0, 100),
  'torch.serialization _get_layout': refusal('a sparse tensor'),
  'torch._utils _rebuild_sparse_tensor': refusal('a sparse tensor'),
  'torch._utils _rebuild_qtensor': refusal('a quantized tensor'),
  'torch._utils _rebuild_meta_tensor_no_storage': refusal('a tensor without its numbers'),
  'collections OrderedDict': dict,
  'collections Counter': dict,
  '__builtin__ set': set,
  'builtins set': set,
  'argparse Namespace': () => new Settings(),
  ...fromNames(['pathlib PosixPath', 'pathlib WindowsPath', 'pathlib PurePosixPath', 'pathlib Path'], joined),
  ...fromNames(['pathlib._local PosixPath', 'pathlib._local WindowsPath'], joined),
};

function pairsOf(pairs: unknown): [unknown, unknown][] {
  if (pairs === undefined) return [];
  if (!Array.isArray(pairs)) throw corrupt();
  return pairs.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw corrupt();
    return [pair[0], pair[1]];
  });
}

/** @param what  e.g. 'a sparse tensor' */
export function unsupported(what: string): AppError {
  return new AppError('model.unsupported', `The file holds ${what}, which cannot be read here`);
}

function corrupt(): AppError {
  return new AppError('model.corrupt', 'The tensors in the file are described in a way that makes no sense');
}
