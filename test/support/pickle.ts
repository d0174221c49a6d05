/** @file Pickles written by hand, instruction by instruction, also those that Python would never write. */
import { opcodes, type OpcodeName } from '../../electron/engine/models/weights/pickle-opcodes.ts';

export type Part = Buffer | OpcodeName;

/** Names stand for instructions without operands; STOP is not added. */
export function pickle(...parts: Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from([opcodes[part]]) : part)));
}

export function op(name: OpcodeName, ...operands: (Buffer | number)[]): Buffer {
  const bytes = operands.map((operand) => (typeof operand === 'number' ? Buffer.from([operand]) : operand));
  return Buffer.concat([Buffer.from([opcodes[name]]), ...bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export function line(text: string): Buffer {
  return Buffer.from(`${text}\n`, 'latin1');
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return op('BINUNICODE', uint32(bytes.length), bytes);
}

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return op('BININT', bytes);
}

export function global(module: string, name: string): Buffer {
  return op('GLOBAL', line(module), line(name));
}

export function tuple(...items: Part[]): Buffer {
  return pickle('MARK', ...items, 'TUPLE');
}

export function dict(...entries: [key: Part, value: Part][]): Buffer {
  return pickle('EMPTY_DICT', 'MARK', ...entries.flat(), 'SETITEMS');
}

/** A call, as torch.save writes one. */
export function call(module: string, name: string, ...args: Part[]): Buffer {
  return pickle(global(module, name), tuple(...args), 'REDUCE');
}

export interface TensorParts {
  key?: string;
  storage?: string;
  count?: number;
  offset?: Part;
  shape?: Part[];
  strides?: Part[];
}

/** As torch.save writes a tensor; a float32 pair unless said otherwise. */
export function tensor(parts: TensorParts = {}): Buffer {
  const { key = '0', storage = 'FloatStorage', count = 2, offset = int(0) } = parts;
  const { shape = [int(2)], strides = [int(1)] } = parts;
  const id = pickle(tuple(text('storage'), global('torch', storage), text(key), text('cpu'), int(count)), 'BINPERSID');
  const hooks = call('collections', 'OrderedDict');
  return call('torch._utils', '_rebuild_tensor_v2', id, offset, tuple(...shape), tuple(...strides), 'NEWFALSE', hooks);
}
