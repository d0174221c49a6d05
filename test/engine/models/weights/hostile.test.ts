import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { AppError } from '../../../../electron/core/errors.ts';
import { bytesInMemory } from '../../../../electron/engine/models/weights/byte-source.ts';
import { unpickle, type PickleFunction } from '../../../../electron/engine/models/weights/pickle.ts';
import { openSafetensors } from '../../../../electron/engine/models/weights/safetensors.ts';
import { torchGlobals } from '../../../../electron/engine/models/weights/torch-globals.ts';
import { openLegacyTorch } from '../../../../electron/engine/models/weights/torch-legacy.ts';
import { openTorch } from '../../../../electron/engine/models/weights/torch.ts';
import { readZipEntry, zipEntries } from '../../../../electron/engine/models/weights/zip.ts';
import {
  call,
  dict,
  global,
  int,
  line,
  op,
  pickle,
  tensor,
  text,
  tuple,
  uint32,
  uint64,
  type Part,
} from '../../../support/pickle.ts';
import { weightFixture } from '../../../support/weights.ts';

/** Far more than any of these needs, even on a busy machine. */
const maxMs = 5000;

const objectNames = Object.getOwnPropertyNames(Object.prototype).join();
const called = new Map<string, number>();
let slowestMs = 0;

/** Every function that may ever run, counted. There is no other way from a pickle to a function than this table. */
const counted = Object.fromEntries(
  Object.entries(torchGlobals).map(([name, run]): [string, PickleFunction] => [
    name,
    (args) => {
      called.set(name, (called.get(name) ?? 0) + 1);
      return run(args);
    },
  ]),
);

/** @returns 'value', or the code of the refusal; anything else thrown fails the test */
function outcome(attempt: () => unknown): string {
  const start = performance.now();
  try {
    attempt();
    return 'value';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.message).toMatch(/^[A-Z"].{10,}/s);
    return error.code;
  } finally {
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
}

const load = (bytes: Uint8Array): string =>
  outcome(() =>
    unpickle(bytes, {
      globals: counted,
      persistentId: () => ({ type: 'float32', count: 1e6, fileBytes: 1e7, read: () => new Uint8Array(0) }),
    }),
  );

/** Mulberry32: small, seeded, even enough. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const instructions = Buffer.from('()0123BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}'.concat('\x80\x81\x82\x85\x86\x87\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96'), 'latin1'); // prettier-ignore

function mutate(bytes: Uint8Array, other: Uint8Array, random: (below: number) => number): Buffer {
  let result = Buffer.from(bytes);
  for (let change = random(4); change >= 0; change--) {
    if (result.length === 0) break;
    const at = random(result.length);
    const piece = other.subarray(random(other.length), random(other.length) + 1);
    const kinds = [
      () => result.fill(random(256), at, at + 1),
      () => result.fill(result[at]! ^ (1 << random(8)), at, at + 1),
      () => result.fill([0x00, 0x7f, 0x80, 0xff][random(4)]!, at, Math.min(at + 1 + random(8), result.length)),
      () => result.fill(instructions[random(instructions.length)]!, at, at + 1),
      () => (result = Buffer.concat([result.subarray(0, at), piece, result.subarray(at)])),
      () => (result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + random(20))])),
      () => (result = Buffer.concat([result.subarray(0, at + 30), result.subarray(at)])),
      () => (result = Buffer.concat([result.subarray(0, at), Buffer.from([instructions[random(instructions.length)]!]), result.subarray(at)])),
      () => (result = result.subarray(0, at)),
    ]; // prettier-ignore
    // Cutting off teaches little after the first few.
    kinds[random(random(10) === 0 ? kinds.length : kinds.length - 1)]!();
  }
  return result;
}

function pickleIn(name: string): Uint8Array {
  const source = bytesInMemory(readFileSync(weightFixture(name)));
  const entries = zipEntries(source);
  const entry = [...entries.values()].find((candidate) => candidate.name.endsWith('data.pkl'))!;
  return readZipEntry(source, entry, 1e6);
}

test('2,700 mutated pickles of real checkpoints end in a value or a refusal', () => {
  const legacy = readFileSync(weightFixture('checkpoint.legacy.pth'));
  const seeds = [
    pickleIn('checkpoint.pth'),
    pickleIn('types.protocol5.pth'),
    pickleIn('views.pth'),
    pickleIn('module.pth'),
    // Behind the three small pickles that such a file begins with.
    legacy.subarray(legacy.indexOf('type_sizes')).subarray(legacy.subarray(legacy.indexOf('type_sizes')).indexOf('.\x80', 0, 'latin1') + 1),
    readFileSync(weightFixture('values.protocol0.pkl')),
    readFileSync(weightFixture('values.protocol4.pkl')),
    readFileSync(weightFixture('sets.protocol5.pkl')),
    readFileSync(weightFixture('resnext101_64x4d.data.pkl')).subarray(0, 20_000),
  ]; // prettier-ignore
  const random = randomFrom(20_240_501);
  const counts: Record<string, number> = {};
  for (let round = 0; round < 300; round++) {
    for (const [place, seed] of seeds.entries()) {
      const result = load(mutate(seed, seeds[(place + 1 + random(8)) % 9]!, random));
      counts[result] = (counts[result] ?? 0) + 1;
    }
  }

  expect(Object.keys(counts).toSorted()).toEqual(['model.corrupt', 'model.unsupported', 'value']);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(50);
});

const names: [string, string][] = [
  ...['system', 'popen', 'execv', 'spawnl', 'remove'].map((name): [string, string] => ['os', name]),
  ...['eval', 'exec', 'compile', '__import__', 'getattr', 'setattr', 'open', 'map', 'apply', 'breakpoint'].flatMap(
    (name): [string, string][] => [['builtins', name], ['__builtin__', name]],
  ),
  ['posix', 'system'], ['nt', 'system'], ['subprocess', 'Popen'], ['subprocess', 'check_output'], ['runpy', '_run_code'],
  ['pickle', 'loads'], ['torch', 'load'], ['torch.hub', 'load'], ['torch.storage', '_load_from_bytes'], ['numpy', 'load'],
  ['torch.jit', 'load'], ['torch.utils.data.datapipes', 'x'], ['torch._utils', '_rebuild_device_tensor_from_numpy'],
  ['shutil', 'rmtree'], ['socket', 'create_connection'], ['urllib.request', 'urlopen'], ['webbrowser', 'open'],
  ['ctypes', 'CDLL'], ['importlib', 'import_module'], ['sys', 'exit'], ['code', 'interact'], ['pty', 'spawn'],
  ['types', 'CodeType'], ['types', 'FunctionType'], ['functools', 'partial'], ['operator', 'attrgetter'],
  ['operator', 'methodcaller'], ['copyreg', '_reconstructor'], ['copy_reg', '__newobj__'], ['codecs', 'encode'],
  ['_codecs', 'decode'], ['collections', 'OrderedDict.__init__'], ['torch', '_utils._rebuild_tensor_v2'],
  ['argparse', '_sys.exit'], ['process', 'exit'], ['child_process', 'execSync'], ['Function', ''], ['constructor', 'constructor'],
  ['__proto__', '__proto__'], ['', 'toString'], ['toString', ''], ['collections OrderedDict', ''], ['', 'collections OrderedDict'],
]; // prettier-ignore

const command = tuple(text('echo hacked > hacked'));
const harmless = call('collections', 'OrderedDict');

/** Ways from a name to a call. */
function attempts(module: string, name: string): Buffer[] {
  const byLine = global(module, name);
  const byStack = pickle(text(module), text(name), 'STACK_GLOBAL');
  return [
    pickle(byLine, command, 'REDUCE', 'STOP'),
    pickle(op('PROTO', 4), byStack, command, 'REDUCE', 'STOP'),
    pickle(byLine, command, 'NEWOBJ', 'STOP'),
    pickle(byStack, command, 'EMPTY_DICT', 'NEWOBJ_EX', 'STOP'),
    pickle('MARK', text('echo hacked'), op('INST', line(module), line(name)), 'STOP'),
    pickle('MARK', byLine, text('echo hacked'), 'OBJ', 'STOP'),
    pickle(harmless, dict([text('__reduce__'), byLine]), 'BUILD', 'STOP'),
    pickle(harmless, tuple(dict(), dict([text('__class__'), byStack])), 'BUILD', 'STOP'),
    pickle(tuple(text('storage'), byLine, text('0'), text('cpu'), int(2)), 'BINPERSID', 'STOP'),
    pickle(dict([text('weight'), tensor()], [text('bias'), pickle(byLine, command, 'REDUCE')]), 'STOP'),
    // Allowed functions handed a forbidden one, by its name as text, which is all that is left of it.
    pickle(call('torch._tensor', '_rebuild_from_type_v2', text(`${module} ${name}`), 'NONE', command, 'NONE'), 'STOP'),
    pickle(call('torch._utils', '_rebuild_parameter', text(`${module}.${name}`)), command, 'REDUCE', 'STOP'),
    pickle(call('_codecs', 'encode', text(`${module} ${name}`), text('latin1')), command, 'REDUCE', 'STOP'),
  ];
}

test('hundreds of hand-written pickles that want to run something run nothing', () => {
  const pickles = names.flatMap(([module, name]) => attempts(module, name));
  const outcomes = pickles.map(load);

  expect(pickles.length).toBeGreaterThan(800);
  expect(new Set(outcomes)).toEqual(new Set(['model.corrupt', 'model.unsupported']));
});

test('extension codes, chains of calls and claims of size end in a value or a refusal', () => {
  const chain = Array.from({ length: 2000 }, () => pickle('TUPLE1', op('BINGET', 0), 'TUPLE2'));
  const ids = [
    text('../../etc/passwd'),
    'NONE',
    'EMPTY_DICT',
    int(-1),
    tuple(text('module'), global('torch', 'Tensor')),
  ] as Part[];
  const pickles = [
    ...[1, 255].flatMap((code) => [op('EXT1', code), op('EXT2', code, 0), op('EXT4', uint32(code))]),
    pickle(global('collections', 'OrderedDict'), op('BINPUT', 0), ...chain),
    pickle(harmless, ...Array.from({ length: 2000 }, () => pickle('EMPTY_TUPLE', 'REDUCE'))),
    ...[op('BINBYTES8', uint64(2n ** 63n)), op('BINUNICODE8', uint64(2n ** 53n)), op('LONG4', uint32(2 ** 31))],
    ...[op('LONG_BINGET', uint32(2 ** 31)), op('LONG_BINPUT', uint32(2 ** 31)), op('FRAME', uint64(2n ** 64n - 1n))],
    ...ids.map((id) => pickle(id, 'BINPERSID')),
    pickle(op('PERSID', line('os.system'))),
    pickle('NONE', Buffer.alloc(900_000, 0x85)),
    pickle(Buffer.alloc(900_000, '(')),
    pickle('EMPTY_LIST', op('BINPUT', 0), ...Array.from({ length: 5000 }, () => pickle(op('BINGET', 0), 'APPEND'))),
    pickle(call('torch._utils', '_rebuild_tensor_v2', 'EMPTY_DICT', int(0), 'EMPTY_TUPLE', 'EMPTY_TUPLE')),
    pickle(call('numpy._core.multiarray', 'scalar', call('numpy', 'dtype', text('__proto__')), text(''))),
    pickle(call('numpy', 'dtype', 'EMPTY_DICT'), tuple(int(3), text('>')), 'BUILD'),
    pickle(call('collections', 'OrderedDict', tuple(tuple(int(1))))),
    pickle(call('collections', 'OrderedDict', int(5))),
    pickle(call('torch', 'Size', 'NONE')),
    pickle(call('pathlib', 'PosixPath', 'EMPTY_DICT', 'EMPTY_LIST')),
    pickle('EMPTY_LIST', op('BINPUT', 0), op('BINGET', 0), 'APPEND', op('BINPUT', 1), global('pathlib', 'Path'), op('BINGET', 1), 'REDUCE'),
  ]; // prettier-ignore
  const outcomes = pickles.map((bytes) => load(pickle(bytes, 'STOP')));

  expect(new Set(outcomes)).toEqual(new Set(['value', 'model.corrupt', 'model.unsupported']));
});

test('900 mutated files end in weights or a refusal, and so does every byte asked for', () => {
  const kinds: [string, typeof openTorch][] = [
    ['types.pth', openTorch],
    ['views.pth', openTorch],
    ['checkpoint.pth', openTorch],
    ['types.legacy.pth', openLegacyTorch],
    ['views.legacy.pth', openLegacyTorch],
    ['types.safetensors', openSafetensors],
  ];
  const random = randomFrom(7);
  const counts: Record<string, number> = {};
  for (const [name, open] of kinds) {
    const bytes = readFileSync(weightFixture(name));
    for (let round = 0; round < 150; round++) {
      const source = bytesInMemory(mutate(bytes, bytes, random));
      const result = outcome(() => {
        for (const tensor of open({ ...source, [Symbol.dispose]() {} }).tensors.values()) tensor.bytes();
      });
      counts[result] = (counts[result] ?? 0) + 1;
    }
  }

  expect(Object.keys(counts).toSorted()).toEqual(['model.corrupt', 'model.unsupported', 'value']);
});

afterAll(() => {
  // The allowed ones were indeed reached, and whatever ran was one of them.
  expect(called.get('torch._utils _rebuild_tensor_v2')).toBeGreaterThan(1000);
  expect([...called.keys()].filter((name) => !Object.hasOwn(torchGlobals, name))).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(objectNames);
  expect(slowestMs).toBeLessThan(maxMs);
});
