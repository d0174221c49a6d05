import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../electron/core/errors.ts';
import { PickledGlobal, unpickle, type PickleOptions } from '../../../../electron/engine/models/weights/pickle.ts';
import {
  call,
  dict,
  global,
  int,
  line,
  op,
  pickle,
  text,
  tuple,
  uint32,
  uint64,
  type Part,
} from '../../../support/pickle.ts';
import { weightFixture } from '../../../support/weights.ts';

function load(bytes: Uint8Array, options: Partial<PickleOptions> = {}): unknown {
  return unpickle(bytes, { globals: {}, ...options }).value;
}

function refusal(bytes: Uint8Array, options: Partial<PickleOptions> = {}): string {
  try {
    load(bytes, options);
    return '';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('values', () => {
  const texts = ['', 'ascii', 'naïve 日本 😀', "it's \\ \n", 'x'.repeat(300)];
  const values = new Map<string, unknown>([
    ['numbers', [0, -1, 255, 65535, -65536, 2 ** 31, -(2 ** 31), 2n ** 53n, 2n ** 64n, -(2n ** 100n), 1.5, -1e-300, Infinity]],
    ['truths', [true, false, null]],
    ['texts', texts],
    ['tuples', [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]],
    ['nested', new Map<unknown, unknown>([['list', [[], [[]]]], ['dict', new Map()], [3, 'three']])],
    ['twice', [['shared'], ['shared']]],
  ]); // prettier-ignore

  test.each([0, 1, 2, 3, 4, 5])('protocol %i gives what Python wrote', (protocol) => {
    const bytes = readFileSync(weightFixture(`values.protocol${protocol}.pkl`));
    const { value, end } = unpickle(bytes, { globals: {} });

    expect(value).toEqual(values);
    expect(end).toBe(bytes.length);
    const twice = (value as Map<string, unknown[]>).get('twice')!;
    expect(twice[0]).toBe(twice[1]);
  });

  test('sets and bytes are Sets and Uint8Arrays', () => {
    const bytes = Uint8Array.from(Buffer.from('bytes'));
    expect(load(readFileSync(weightFixture('sets.protocol4.pkl')))).toEqual(
      [new Set([1, 2]), new Set(['a']), bytes, new Uint8Array(300).fill(0x78)]); // prettier-ignore
    expect(load(readFileSync(weightFixture('sets.protocol5.pkl')))).toEqual(
      [new Set([1, 2]), new Set(['a']), bytes, Uint8Array.from(Buffer.from('array'))]); // prettier-ignore
  });

  test('the keys of every object are keys like others', () => {
    const value = load(pickle(dict([text('__proto__'), dict([text('polluted'), int(1)])]), 'STOP'));

    expect(value).toEqual(new Map([['__proto__', new Map([['polluted', 1]])]]));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('long byte strings and texts can stay where they are', () => {
    const long = 'ä'.repeat(3000);
    const bytes = pickle(
      text(long),
      op('BINBYTES', uint32(5000), Buffer.alloc(5000, 7)),
      text('short'),
      'TUPLE3',
      'STOP',
    );
    const spans = load(bytes, { longBytes: (span) => span });

    expect(spans).toEqual([
      { position: 5, length: 6000, isText: true },
      { position: 6010, length: 5000, isText: false },
      'short',
    ]);
    expect(load(bytes)).toEqual([long, new Uint8Array(5000).fill(7), 'short']);
  });

  test('one pickle behind another is read from where the first ended', () => {
    const bytes = pickle(int(1), 'STOP', int(2), 'STOP');
    const { value, end } = unpickle(bytes, { globals: {} });

    expect(value).toBe(1);
    expect(unpickle(bytes, { globals: {}, start: end })).toEqual({ value: 2, end: bytes.length });
    expect(refusal(bytes, { start: end, end: end + 3 })).toContain('ends too early');
  });

  test('the pickle of a 101-layer network takes less than 200 ms', () => {
    const bytes = readFileSync(weightFixture('resnext101_64x4d.data.pkl'));
    let tensors = 0;
    const globals = {
      'torch._utils _rebuild_tensor_v2': () => ++tensors,
      'torch FloatStorage': () => null,
      'torch LongStorage': () => null,
      'collections OrderedDict': () => new Map(),
    };
    const start = performance.now();
    const value = load(bytes, { globals, persistentId: () => 'numbers' });
    const tookMs = performance.now() - start;

    expect((value as Map<string, unknown>).size).toBe(626);
    expect(tensors).toBe(626);
    expect(tookMs).toBeLessThan(200);
  });
});

describe('globals', () => {
  const made: unknown[] = [];
  const globals = {
    'own Thing': (args: unknown[]) => {
      made.push(args);
      return new Map();
    },
  };

  test('only those given are called, with their arguments', () => {
    made.length = 0;
    load(pickle(call('own', 'Thing', int(1)), 'STOP'), { globals });
    load(pickle(text('own'), text('Thing'), 'STACK_GLOBAL', tuple(int(2)), 'NEWOBJ', 'STOP'), { globals });

    expect(made).toEqual([[1], [2]]);
  });

  test.each([
    ['os', 'system'],
    ['builtins', 'eval'],
    ['__proto__', 'x'],
    ['', ''],
    ['own', 'thing'],
    ['own Thing', ''],
  ])('%s.%s is refused with its name', (module, name) => {
    const message = `model.unsupported: This file wants to run "${module}.${name}", which a weights file never needs`;
    expect(refusal(pickle(call(module, name), 'STOP'), { globals })).toBe(message);
    expect(refusal(pickle(text(module), text(name), 'STACK_GLOBAL', 'STOP'), { globals })).toBe(message);
  });

  test('names of the objects themselves are no globals', () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      expect(refusal(pickle(global('', name), 'STOP'))).toContain('model.unsupported');
      expect(refusal(pickle(global(name, ''), 'STOP'))).toContain('model.unsupported');
    }
  });

  test('a name shown to people has no control characters and an end', () => {
    const message = refusal(pickle(text('a\u001b[31m\n\u202e'), text('b'.repeat(5000)), 'STACK_GLOBAL', 'STOP'));
    expect(message).toMatch(/^model\.unsupported: This file wants to run "a\?\[31m\?\?\.b{100}", which/);
  });

  test('a name alone stands for itself and is not called', () => {
    made.length = 0;
    expect(load(pickle(global('own', 'Thing'), 'STOP'), { globals })).toBeInstanceOf(PickledGlobal);
    expect(made).toEqual([]);
  });

  test('what is no global cannot be called or given a state', () => {
    for (const target of [text('own Thing'), 'EMPTY_DICT', 'NONE', tuple(text('own'), text('Thing'))] as Part[]) {
      expect(refusal(pickle(target, 'EMPTY_TUPLE', 'REDUCE', 'STOP'), { globals })).toContain(
        'calls what is no function',
      );
      expect(refusal(pickle(target, 'EMPTY_TUPLE', 'NEWOBJ', 'STOP'), { globals })).toContain(
        'calls what is no function',
      );
      expect(refusal(pickle(target, 'EMPTY_DICT', 'BUILD', 'STOP'), { globals })).toContain(
        'gives a state to what is no',
      );
    }
    expect(refusal(pickle(global('own', 'Thing'), 'EMPTY_DICT', 'BUILD', 'STOP'), { globals })).toContain('no object');
  });

  test.each(['INST', 'OBJ', 'EXT1', 'EXT2', 'EXT4', 'NEWOBJ_EX', 'NEXT_BUFFER', 'READONLY_BUFFER'] as const)(
    'the instruction %s is refused with its name',
    (name) => {
      const message = `model.unsupported: This file uses the pickle instruction ${name}, which a weights file never needs`;
      expect(refusal(pickle('MARK', op(name, line('os'), line('system')), 'STOP'))).toBe(message);
    },
  );
});

describe('limits', () => {
  test.each([
    ['bytes', op('BINBYTES8', uint64(2n ** 62n))],
    ['more bytes than all numbers', op('BINBYTES8', uint64(2n ** 64n - 1n))],
    ['a byte array', op('BYTEARRAY8', uint64(2n ** 40n))],
    ['4 GB of bytes', op('BINBYTES', uint32(0xffffffff))],
    ['text', op('BINUNICODE8', uint64(2n ** 50n))],
    ['2 GB of old text', op('BINSTRING', uint32(0x7fffffff))],
    ['a frame', op('FRAME', uint64(2n ** 63n))],
  ])('%s that the file does not have', (_, part) => {
    expect(refusal(pickle(part, Buffer.alloc(100), 'STOP'))).toBe('model.corrupt: The pickled data ends too early');
  });

  test.each([
    ['a number of 2 GB', pickle(op('LONG4', uint32(0x7fffffff))), 'too many digits'],
    ['a number of a thousand digits too many', pickle(op('LONG', line('9'.repeat(5000)))), 'a line that is too long'],
    ['a value that was never made', pickle(op('LONG_BINGET', uint32(2 ** 31))), 'refers to a value'],
    ['a negative place', pickle('NONE', op('PUT', line('-1'))), 'counts its memory wrong'],
    ['a place beyond all numbers', pickle('NONE', op('PUT', line('99999999999999999999'))), 'counts its memory wrong'],
    ['an end without a beginning', pickle('TUPLE'), 'ends a list that was never begun'],
    ['nothing', pickle('POP'), 'takes more values'],
    ['a value from before a mark', pickle('NONE', 'MARK', 'TUPLE1'), 'takes more values'],
    ['half a pair', pickle('EMPTY_DICT', 'MARK', 'NONE', 'SETITEMS'), 'a key without a value'],
    ['a list for a dict', pickle('EMPTY_LIST', 'NONE', 'NONE', 'SETITEM'), 'adds to what is no dict'],
    ['a dict for a list', pickle('EMPTY_DICT', 'NONE', 'APPEND'), 'adds to what is no list'],
    ['a number that is none', pickle(op('INT', line('0x10'))), 'a number that is none'],
    ['an unknown instruction', Buffer.from([0xff]), 'an instruction that there is not (255)'],
  ])('%s', (_, bytes, message) => {
    expect(refusal(pickle(bytes, 'STOP'))).toMatch(/^model\.corrupt: The pickled data/);
    expect(refusal(pickle(bytes, 'STOP'))).toContain(message);
  });

  test('a far place in the memory costs no more than a near one', () => {
    const far = uint32(2 ** 31);
    expect(load(pickle(int(7), op('LONG_BINPUT', far), op('LONG_BINGET', far), 'TUPLE2', 'STOP'))).toEqual([7, 7]);
  });

  test('a protocol that is not known is refused', () => {
    expect(refusal(pickle(op('PROTO', 6), 'NONE', 'STOP'))).toContain(
      'model.unsupported: This file uses pickle protocol 6',
    );
  });

  test('ids are refused where nothing is expected outside', () => {
    expect(refusal(pickle(text('x'), 'BINPERSID', 'STOP'))).toContain('model.unsupported');
    expect(refusal(pickle(op('PERSID', line('x')), 'STOP'))).toContain('model.unsupported');
  });

  test.each([
    ['values on the stack', Buffer.alloc(5_000_000, '}')],
    ['marks', Buffer.alloc(5_000_000, '(')],
    ['remembered values', pickle('NONE', Buffer.alloc(5_000_000, 0x94))],
    ['instructions', Buffer.concat(new Array<Buffer>(3_000_000).fill(Buffer.from('N0')))],
  ])('millions of %s are refused', (_, bytes) => {
    expect(refusal(bytes)).toBe('model.unsupported: The pickled data holds more values than any weights file needs');
  });

  test('lists of lists that double sixty times stay small', () => {
    const doublings = Array.from({ length: 60 }, (_, level) =>
      pickle(op('BINGET', level), op('BINGET', level), 'TUPLE2', op('BINPUT', level + 1)),
    );
    let value = load(pickle(text('ha'), op('BINPUT', 0), ...doublings, 'STOP'));
    for (let level = 0; level < 60; level++) value = (value as unknown[])[1];

    expect(value).toBe('ha');
  });

  test('a tuple nested half a million times, and a list in itself, are values', () => {
    expect(Array.isArray(load(Buffer.concat([Buffer.from('N'), Buffer.alloc(500_000, 0x85), Buffer.from('.')])))).toBe(
      true,
    );
    const inItself = load(pickle('EMPTY_LIST', op('BINPUT', 0), op('BINGET', 0), 'APPEND', 'STOP')) as unknown[];
    expect(inItself[0]).toBe(inItself);
  });
});
