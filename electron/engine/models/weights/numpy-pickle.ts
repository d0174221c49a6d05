/** @file NumPy's numbers in a pickle, as far as training checkpoints hold them. */
import { PickledObject, type PickleFunction } from './pickle.ts';

/** An element type such as 'f8'; the byte order comes with its state. */
class NumpyType extends PickledObject {
  readonly code: string;
  isBigEndian = false;

  constructor(code: string) {
    super();
    this.code = code;
  }

  /** Source: numpy, dtype.__reduce__: (version, byte order, …). */
  setState(state: unknown): void {
    this.isBigEndian = Array.isArray(state) && state[1] === '>';
  }
}

/** Its numbers are of no use here: weights come as tensors. */
class NumpyArray extends PickledObject {
  setState(): void {}
}

/** Shared by all names that numpy and Python gave these over the years. */
const scalar: PickleFunction = ([type, bytes]) => {
  if (!(type instanceof NumpyType) || !(bytes instanceof Uint8Array)) return null;
  return numberIn(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), type);
};
const array: PickleFunction = () => new NumpyArray();

export const numpyGlobals: Readonly<Record<string, PickleFunction>> = {
  'numpy.core.multiarray scalar': scalar,
  'numpy._core.multiarray scalar': scalar,
  'numpy.core.multiarray _reconstruct': array,
  'numpy._core.multiarray _reconstruct': array,
  'numpy.core.numeric _frombuffer': array,
  'numpy._core.numeric _frombuffer': array,
  'numpy ndarray': array,
  'numpy dtype': ([code]) => new NumpyType(String(code)),
  '__builtin__ bytes': () => new Uint8Array(0),
  'builtins bytes': () => new Uint8Array(0),
  // Protocols before 3 have no bytes: they are written as text with one character each.
  '_codecs encode': ([text]) => (typeof text === 'string' ? new Uint8Array(Buffer.from(text, 'latin1')) : null),
};

const readers: Record<string, (view: DataView, isLittle: boolean) => number | bigint | boolean> = {
  f8: (view, isLittle) => view.getFloat64(0, isLittle),
  f4: (view, isLittle) => view.getFloat32(0, isLittle),
  i8: (view, isLittle) => view.getBigInt64(0, isLittle),
  i4: (view, isLittle) => view.getInt32(0, isLittle),
  i2: (view, isLittle) => view.getInt16(0, isLittle),
  i1: (view) => view.getInt8(0),
  u8: (view, isLittle) => view.getBigUint64(0, isLittle),
  u4: (view, isLittle) => view.getUint32(0, isLittle),
  u2: (view, isLittle) => view.getUint16(0, isLittle),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

function numberIn(view: DataView, { code, isBigEndian }: NumpyType): number | boolean | null {
  const read = Object.hasOwn(readers, code) ? readers[code] : undefined;
  if (!read || view.byteLength !== Number(code[1])) return null;
  const value = read(view, !isBigEndian);
  return typeof value === 'bigint' ? Number(value) : value;
}
