import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../../electron/core/errors.ts';
import { readFloats } from '../../../../electron/core/tensor.ts';
import { openPdparams } from '../../../../electron/engine/models/weights/pdparams.ts';
import { little, pythonTwoPdparams } from '../../../support/paddle/params.ts';
import { largestDifference } from '../../../support/paddle/run.ts';
import { readTiny, tinyFolder } from '../../../support/paddle/tiny.ts';

const tiny = readTiny();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pdparams-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(content: Uint8Array): string {
  const path = join(folder, 'model.pdparams');
  writeFileSync(path, content);
  return path;
}

/** Open the file and read every tensor. @returns what was refused, or null */
function attempt(content: Uint8Array): AppError | null {
  try {
    using file = openPdparams(put(content));
    for (const tensor of file.tensors.values()) tensor.bytes();
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('model.')) return thrown;
    throw thrown;
  }
}

/** Names and values of the network, in its order, and nothing else. */
function expectTiny(path: string): void {
  using file = openPdparams(path);
  expect(file.format).toBe('paddle-params');
  expect([...file.tensors.keys()]).toEqual([...tiny.weights.keys()]);
  for (const [name, { shape, values }] of tiny.weights) {
    const tensor = file.tensors.get(name)!;
    expect(tensor.shape, name).toEqual(shape);
    expect(largestDifference(readFloats(tensor), values), name).toBe(0);
  }
}

for (const protocol of [2, 4]) {
  test(`a state dict pickled by Python 3 with protocol ${protocol} has every weight, and not the table of names`, () => {
    expectTiny(join(tinyFolder, `tiny-protocol${protocol}.pdparams`));
  });
}

test('a state dict pickled by Python 2 has the same weights', () => {
  expectTiny(put(pythonTwoPdparams(tiny.weights)));
});

test('the last fully connected layer is [in, out], as Paddle keeps it', () => {
  using file = openPdparams(join(tinyFolder, 'tiny-protocol4.pdparams'));
  expect(file.tensors.get('out.weight')!.shape).toEqual([24, 5]);
  expect(file.tensors.get('bb_0_0.conv1._conv.weight')!.shape).toEqual([8, 2, 3, 3]);
});

/** A pickle of protocol 2 by hand: text from here is Latin-1. */
function pickle(...parts: (string | Uint8Array)[]): Buffer {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
  return Buffer.concat([Buffer.from('\x80\x02', 'latin1'), ...bytes, Buffer.from('.')]);
}

/** An array of two sizes, the first two bytes of whose type are given. */
function array(
  type: string,
  order: string,
  rows: number,
  columns: number,
  isFortran: boolean,
  data: Uint8Array,
): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([
    Buffer.from('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01', 'latin1'),
    Buffer.from(`K${String.fromCharCode(rows)}K${String.fromCharCode(columns)}\x86`, 'latin1'),
    Buffer.from(`cnumpy\ndtype\nU\x02${type}K\x00K\x01\x87R(K\x03U\x01${order}NNN`, 'latin1'),
    Buffer.from('J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb', 'latin1'),
    Buffer.from(isFortran ? '\x88' : '\x89', 'latin1'),
    Buffer.from('T'),
    length,
    data,
    Buffer.from('tb'),
  ]);
}

const six = little(Float32Array.of(0, 1, 2, 3, 4, 5));

test('an array whose columns come first is read by rows', () => {
  using file = openPdparams(put(pickle('}U\x01a', array('f4', '<', 2, 3, true, six), 's')));
  expect([...readFloats(file.tensors.get('a')!)]).toEqual([0, 2, 4, 1, 3, 5]);
});

test('tensors kept as pairs of name and array, and dicts within a dict, are found', () => {
  const pair = Buffer.concat([
    Buffer.from('U\x03w_0'),
    array('f4', '<', 2, 3, false, six),
    Buffer.from('\x86', 'latin1'),
  ]);
  const wrapped = pickle('}U\x05epochK\x05sU\x05model}U\x01w', pair, 'ss');
  using file = openPdparams(put(wrapped));
  expect([...file.tensors.keys()]).toEqual(['w']);
  expect([...readFloats(file.tensors.get('w')!)]).toEqual([0, 1, 2, 3, 4, 5]);
});

test('other numbers keep their type; two-byte unsigned ones are bfloat16', () => {
  const content = pickle(
    '}U\x01a',
    array('i8', '<', 1, 1, false, Buffer.alloc(8)),
    'sU\x01b',
    array('u2', '<', 1, 2, false, Buffer.from([0x80, 0x3f, 0, 0x40])),
    's',
  );
  using file = openPdparams(put(content));
  expect(file.tensors.get('a')!.type).toBe('int64');
  expect([...readFloats(file.tensors.get('b')!)]).toEqual([1, 2]);
});

test('what is not weights is refused with the reason', () => {
  const why = (...parts: (string | Uint8Array)[]) => attempt(pickle(...parts))?.message;
  expect(why('cos\nsystem\nU\x02ls\x85R')).toMatch(/"os\.system"/);
  expect(why('}U\x01aK\x01s')).toMatch(/no weights/);
  expect(why(']')).toMatch(/no weights/);
  expect(why('}U\x15UnpackBigParamInfor@@}s')).toMatch(/pieces/);
  expect(why('}U\x01a', array('c8', '<', 1, 1, false, Buffer.alloc(8)), 's')).toMatch(/"c8"/);
  expect(why('}U\x01a', array('f4', '>', 2, 3, false, six), 's')).toMatch(/big-endian/);
  expect(attempt(Buffer.from('not a pickle'))).toBeInstanceOf(AppError);
  expect(attempt(Buffer.alloc(0))).toBeInstanceOf(AppError);
});

test('arrays without the bytes of their size are refused as damaged', () => {
  const corrupt = { code: 'model.corrupt' };
  expect(attempt(pickle('}U\x01a', array('f4', '<', 3, 3, false, six), 's'))).toMatchObject(corrupt);
  expect(attempt(pickle('}U\x01a', array('f4', '<', 1, 1, false, six), 's'))).toMatchObject(corrupt);
  // An array that never got its state.
  const empty = 'cnumpy.core.multiarray\n_reconstruct\n(tR';
  expect(attempt(pickle(`}U\x01a${empty}s`))).toMatchObject(corrupt);
});

test('bytes that protocol 2 wrote as text must be the text of bytes', () => {
  const whole = readFileSync(join(tinyFolder, 'tiny-protocol2.pdparams'));
  const marker = Buffer.from('bb_1_0.conv1._conv.weight');
  const at = whole.indexOf(marker) + 600;
  const broken = Buffer.from(whole);
  // The start of a character that has three bytes.
  broken[at] = 0xe2;
  expect(attempt(whole)).toBeNull();
  expect(attempt(broken)).toMatchObject({ code: 'model.corrupt' });
});

for (const protocol of [2, 4]) {
  test(`a protocol ${protocol} file cut anywhere is refused, and 300 flipped bits end in weights or a refusal`, () => {
    const whole = readFileSync(join(tinyFolder, `tiny-protocol${protocol}.pdparams`));
    for (let cut = 0; cut < 50; cut++) {
      const part = whole.subarray(0, Math.floor((whole.length * cut) / 50));
      expect(attempt(part), `cut at ${cut}/50`).toBeInstanceOf(AppError);
    }
    let refusals = 0;
    for (let round = 0; round < 300; round++) {
      const flipped = Buffer.from(whole);
      flipped[(round * 7919) % whole.length]! ^= 1 << (round % 8);
      if (attempt(flipped)) refusals++;
    }
    expect(refusals).toBeGreaterThan(10);
  });
}
