/** @file Paddle's files of weights, written byte by byte. */
import { number } from './protobuf.ts';

export interface Weights {
  shape: readonly number[];
  values: Float32Array;
}

/** VarType.Type of float32. */
const float32 = 5;

/** One record of a `.pdiparams`. */
export function record({ shape, values }: Weights, { type = float32, levels = [] as number[][] } = {}): Buffer {
  const desc = Buffer.concat([number(1, type), ...shape.map((size) => number(2, size))]);
  return Buffer.concat([
    uint(0, 4),
    uint(levels.length, 8),
    ...levels.flatMap((level) => [uint(level.length * 8, 8), ...level.map((offset) => uint(offset, 8))]),
    uint(0, 4),
    uint(desc.length, 4),
    desc,
    little(values),
  ]);
}

/** A whole `.pdiparams`: names are not written, they decide the order. */
export function pdiparams(weights: ReadonlyMap<string, Weights>): Buffer {
  const names = [...weights.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Buffer.concat(names.map((name) => record(weights.get(name)!)));
}

/** A `.pdparams` as Python 2 wrote it: protocol 2, with bytes as strings. */
export function pythonTwoPdparams(weights: ReadonlyMap<string, Weights>): Buffer {
  const items = Array.from(weights, ([name, { shape, values }]) => {
    const data = little(values);
    return Buffer.concat([
      Buffer.from([0x55, name.length]),
      Buffer.from(name, 'latin1'),
      Buffer.from('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01(', 'latin1'),
      ...shape.map((size) => Buffer.concat([Buffer.from('J'), uint(size, 4)])),
      Buffer.from('tcnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNN', 'latin1'),
      Buffer.from('J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T', 'latin1'),
      uint(data.length, 4),
      data,
      Buffer.from('tbs', 'latin1'),
    ]);
  });
  return Buffer.concat([Buffer.from('\x80\x02}', 'latin1'), ...items, Buffer.from('.')]);
}

export function little(values: Float32Array): Buffer {
  const data = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => data.writeFloatLE(value, at * 4));
  return data;
}

function uint(value: number, size: 4 | 8): Buffer {
  const data = Buffer.alloc(size);
  data.writeUInt32LE(value);
  return data;
}
