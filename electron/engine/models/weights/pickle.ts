/** @file Python's pickles as data: values are built, and no code is ever found or run. */
import { AppError } from '#core/errors.ts';
import { bytesInMemory, type ByteSource } from './byte-source.ts';
import { malformed, PickleBytes, plain } from './pickle-bytes.ts';
import { PickleMachine, tooLarge, type PickleOptions } from './pickle-machine.ts';
import { opcodeName, opcodes, type OpcodeName } from './pickle-opcodes.ts';

export { PickledGlobal, PickledObject } from './pickle-machine.ts';
export type { LongBytes, PickleFunction, PickleOptions } from './pickle-machine.ts';

/** A checkpoint of a large network with its optimizer takes some 100,000; each may cost a few hundred bytes. */
const defaultMaxOps = 1_000_000;
const highestProtocol = 5;

type Step = (machine: PickleMachine) => void;

/** Every instruction that builds plain data. Those left out reach for code or for data outside the file. */
const steps: Partial<Record<OpcodeName, Step>> = {
  PROTO({ bytes }) {
    const protocol = bytes.uint8();
    if (protocol > highestProtocol) {
      throw new AppError('model.unsupported', `This file uses pickle protocol ${protocol}; up to 5 are known`);
    }
  },
  FRAME: ({ bytes }) => bytes.expect(bytes.uint64()),

  NONE: (machine) => machine.push(null),
  NEWTRUE: (machine) => machine.push(true),
  NEWFALSE: (machine) => machine.push(false),
  INT: (machine) => machine.push(integerOrTruth(machine.bytes.line())),
  BININT: (machine) => machine.push(machine.bytes.int32()),
  BININT1: (machine) => machine.push(machine.bytes.uint8()),
  BININT2: (machine) => machine.push(machine.bytes.uint16()),
  LONG: (machine) => machine.push(integer(machine.bytes.line().replace(/L$/, ''))),
  LONG1: (machine) => machine.push(machine.bytes.integer(machine.bytes.uint8())),
  LONG4: (machine) => machine.push(machine.bytes.integer(machine.bytes.uint32())),
  FLOAT: (machine) => machine.push(float(machine.bytes.line())),
  BINFLOAT: (machine) => machine.push(machine.bytes.float64()),

  STRING: (machine) => machine.push(quoted(machine.bytes.line())),
  UNICODE: (machine) => machine.push(unescaped(machine.bytes.line())),
  SHORT_BINSTRING: (machine) => machine.pushText(machine.bytes.uint8(), 'latin1'),
  BINSTRING: (machine) => machine.pushText(machine.bytes.uint32(), 'latin1'),
  SHORT_BINUNICODE: (machine) => machine.pushText(machine.bytes.uint8()),
  BINUNICODE: (machine) => machine.pushText(machine.bytes.uint32()),
  BINUNICODE8: (machine) => machine.pushText(machine.bytes.uint64()),
  SHORT_BINBYTES: (machine) => machine.pushBytes(machine.bytes.uint8()),
  BINBYTES: (machine) => machine.pushBytes(machine.bytes.uint32()),
  BINBYTES8: (machine) => machine.pushBytes(machine.bytes.uint64()),
  BYTEARRAY8: (machine) => machine.pushBytes(machine.bytes.uint64()),

  EMPTY_TUPLE: (machine) => machine.push([]),
  TUPLE: (machine) => machine.push(machine.popToMark()),
  TUPLE1: (machine) => machine.push([machine.pop()]),
  TUPLE2: (machine) => machine.push([machine.pop(), machine.pop()].reverse()),
  TUPLE3: (machine) => machine.push([machine.pop(), machine.pop(), machine.pop()].reverse()),
  EMPTY_LIST: (machine) => machine.push([]),
  LIST: (machine) => machine.push(machine.popToMark()),
  APPEND(machine) {
    const item = machine.pop();
    asList(machine.peek()).push(item);
  },
  APPENDS(machine) {
    const items = machine.popToMark();
    const list = asList(machine.peek());
    for (const item of items) list.push(item);
  },
  EMPTY_DICT: (machine) => machine.push(new Map()),
  DICT: (machine) => machine.push(new Map(machine.popPairs())),
  SETITEM(machine) {
    const value = machine.pop();
    const key = machine.pop();
    asDict(machine.peek()).set(key, value);
  },
  SETITEMS(machine) {
    const pairs = machine.popPairs();
    const dict = asDict(machine.peek());
    for (const [key, value] of pairs) dict.set(key, value);
  },
  EMPTY_SET: (machine) => machine.push(new Set()),
  FROZENSET: (machine) => machine.push(new Set(machine.popToMark())),
  ADDITEMS(machine) {
    const items = machine.popToMark();
    const set = asSet(machine.peek());
    for (const item of items) set.add(item);
  },

  MARK: (machine) => machine.mark(),
  POP: (machine) => machine.discard(),
  POP_MARK: (machine) => void machine.popToMark(),
  DUP: (machine) => machine.push(machine.peek()),
  PUT: (machine) => machine.remember(Number(integer(machine.bytes.line()))),
  BINPUT: (machine) => machine.remember(machine.bytes.uint8()),
  LONG_BINPUT: (machine) => machine.remember(machine.bytes.uint32()),
  MEMOIZE: (machine) => machine.remember(),
  GET: (machine) => machine.recall(Number(integer(machine.bytes.line()))),
  BINGET: (machine) => machine.recall(machine.bytes.uint8()),
  LONG_BINGET: (machine) => machine.recall(machine.bytes.uint32()),

  GLOBAL: (machine) => machine.pushGlobal(machine.bytes.line(), machine.bytes.line()),
  STACK_GLOBAL(machine) {
    const name = machine.pop();
    machine.pushGlobal(machine.pop(), name);
  },
  REDUCE: (machine) => machine.call(),
  NEWOBJ: (machine) => machine.call(),
  BUILD: (machine) => machine.build(),
  PERSID: (machine) => machine.pushPersistent(machine.bytes.line()),
  BINPERSID: (machine) => machine.pushPersistent(machine.pop()),
};

const stepByCode: (Step | undefined)[] = new Array<Step | undefined>(256);
for (const [name, step] of Object.entries(steps)) stepByCode[opcodes[name as OpcodeName]] = step;

/**
 * Dicts become Maps, lists and tuples arrays, sets Sets, integers numbers where exact and else bigints, Python 2
 * strings Latin-1 text; values may be shared, nested deeply or contain themselves, so walk them with a limit.
 *
 * @returns the value, and the position behind the pickle
 * @throws {AppError} 'model.unsupported' with the name of an instruction or global that is not allowed,
 *   'model.corrupt' for what is no pickle, and whatever `globals` and `persistentId` throw
 */
export function unpickle(source: ByteSource | Uint8Array, options: PickleOptions): { value: unknown; end: number } {
  const from = source instanceof Uint8Array ? bytesInMemory(source) : source;
  const bytes = new PickleBytes(from, options.start ?? 0, options.end ?? from.sizeBytes);
  const machine = new PickleMachine(bytes, options);
  const maxOps = options.maxOps ?? defaultMaxOps;

  for (let count = 0; count < maxOps; count++) {
    const code = bytes.uint8();
    if (code === opcodes.STOP) return { value: machine.pop(), end: bytes.position };
    const step = stepByCode[code];
    if (!step) throw refused(code);
    step(machine);
  }
  throw tooLarge();
}

function refused(code: number): AppError {
  const opcode = opcodeName(code);
  if (!opcode) return malformed(`has an instruction that there is not (${code})`);
  return new AppError(
    'model.unsupported',
    `This file uses the pickle instruction ${opcode}, which a weights file never needs`,
    { details: { opcode } },
  );
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw malformed('adds to what is no list');
  return value as unknown[];
}

function asDict(value: unknown): Map<unknown, unknown> {
  if (!(value instanceof Map)) throw malformed('adds to what is no dict');
  return value as Map<unknown, unknown>;
}

function asSet(value: unknown): Set<unknown> {
  if (!(value instanceof Set)) throw malformed('adds to what is no set');
  return value as Set<unknown>;
}

function integer(text: string): number | bigint {
  if (!/^-?\d+$/.test(text)) throw malformed('has a number that is none');
  return plain(BigInt(text));
}

/** Protocol 0 and 1 write truth values as integers with a leading zero. */
function integerOrTruth(text: string): number | bigint | boolean {
  return text === '01' ? true : text === '00' ? false : integer(text);
}

function float(text: string): number {
  const named: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  if (Object.hasOwn(named, text)) return named[text]!;
  if (!/^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text) || Number.isNaN(Number(text))) {
    throw malformed('has a number that is none');
  }
  return Number(text);
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** A Python 2 string literal. */
function quoted(text: string): string {
  const inner = /^(['"])(.*)\1$/s.exec(text)?.[2];
  if (inner === undefined) throw malformed('has a string without quotes');
  return inner.replaceAll(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/gis, (_, hex?: string, octal?: string, one = '') => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
    return escapes[one as string] ?? String(one);
  });
}

/** Python's raw-unicode-escape: only \uXXXX and \UXXXXXXXX are escapes. */
function unescaped(text: string): string {
  return text.replaceAll(/\\u([\dA-Fa-f]{4})|\\U([\dA-Fa-f]{8})/g, (whole, short?: string, long?: string) => {
    const point = Number.parseInt(short ?? long ?? '', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
