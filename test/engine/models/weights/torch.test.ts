import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFloats } from '../../../../electron/core/tensor.ts';
import { openWeights } from '../../../../electron/engine/models/weights/index.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { call, dict, global, int, op, pickle, tensor, text, tuple, type Part } from '../../../support/pickle.ts';
import { expectedTensors, weightFixture } from '../../../support/weights.ts';
import { zip, type ZipPart } from '../../../support/zip.ts';

function written(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'weights');
  writeFileSync(path, bytes);
  return path;
}

/** What opening it says; '' if it opens. */
function refusal(path: string): string {
  try {
    openWeights(path)[Symbol.dispose]();
    return '';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

const pair = Buffer.from(Float32Array.of(1.5, -2).buffer);

/** An archive as torch.save makes it, around a pickle written by hand. */
function archive(
  object: Part,
  changes: Partial<Record<string, Partial<ZipPart> | null>> = {},
  isZip64 = false,
): Buffer {
  const parts: Record<string, ZipPart> = {
    pickle: { name: 'net/data.pkl', bytes: pickle(op('PROTO', 2), object, 'STOP') },
    order: { name: 'net/byteorder', bytes: Buffer.from('little') },
    numbers: { name: 'net/data/0', bytes: pair },
  };
  const kept = Object.entries(parts).filter(([key]) => changes[key] !== null);
  return zip(
    kept.map(([key, part]) => ({ ...part, ...changes[key] })),
    { isZip64 },
  );
}

const onePair = dict([text('weight'), tensor()]);

function pairOf(path: string): number[] {
  using file = openWeights(path);
  return [...readFloats(file.tensors.get('weight')!)];
}

describe('files saved by the original libraries', () => {
  const files = Object.entries(expectedTensors());

  test.each(files)('%s has the names, types, shapes and bytes that they read', (name, expected) => {
    using file = openWeights(weightFixture(name));
    const found = Array.from(file.tensors, ([tensorName, tensor]) => {
      const sha256 = createHash('sha256').update(tensor.bytes()).digest('hex');
      return [tensorName, { type: tensor.type, shape: tensor.shape, sha256 }];
    });

    expect(found).toEqual(Object.entries(expected));
  });

  test('the format is known by what is in the file', () => {
    const formats = ['torchvision.pth', 'torchvision-half.legacy.pth', 'timm-d.safetensors'].map((name) => {
      using file = openWeights(written(readFileSync(weightFixture(name))));
      return file.format;
    });

    expect(formats).toEqual(['pytorch', 'pytorch-legacy', 'safetensors']);
  });

  test.each([
    ['module.pth', 'a whole program object ("torch.nn.modules.container.Sequential")'],
    ['module.legacy.pth', 'a whole program object ("__main__.Network")'],
    ['script.pt', 'a TorchScript program'],
    ['sparse.pth', 'a sparse tensor'],
    ['float8.pth', 'a tensor of float8_e4m3fn'],
  ])('%s is refused with what it is', (name, what) => {
    expect(refusal(weightFixture(name))).toContain(
      `model.unsupported: The file ${what.startsWith('a T') ? 'is' : 'holds'} ${what}`,
    );
  });

  test.each(['torchvision.pth', 'torchvision-half.legacy.pth', 'types.pth', 'views.legacy.pth'])(
    '%s cut off anywhere is refused as damaged',
    (name) => {
      const whole = readFileSync(weightFixture(name));
      for (const share of [0.999, 0.9, 0.5, 0.1]) {
        const path = written(whole.subarray(0, Math.floor(whole.length * share)));
        expect(refusal(path)).toMatch(/^model\.(corrupt|unsupported): \w/);
      }
    },
  );
});

describe('where the weights are', () => {
  const weights = dict([text('conv.weight'), tensor()], [text('conv.bias'), tensor()]);
  const other = dict([text('other'), tensor()]);

  function names(object: Part): string[] {
    using file = openWeights(written(archive(object)));
    return [...file.tensors.keys()];
  }

  test('wrappers of training scripts are looked through', () => {
    for (const key of [
      'state_dict',
      'model',
      'net',
      'module',
      'params',
      'model_state',
      'model_ema',
      'state_dict_ema',
    ]) {
      expect(names(dict([text('best'), tensor()], [text(key), weights]))).toEqual(['conv.weight', 'conv.bias']);
    }
    expect(names(dict([text('model'), dict([text('state_dict'), weights])]))).toEqual(['conv.weight', 'conv.bias']);
  });

  test('averages count only where the plain weights are missing', () => {
    expect(names(dict([text('state_dict_ema'), other], [text('state_dict'), weights]))).toEqual([
      'conv.weight',
      'conv.bias',
    ]);
    expect(names(dict([text('model'), other], [text('model_ema'), weights]))).toEqual(['conv.weight', 'conv.bias']);
  });

  test('what all names begin with is left out, and the count of an average is no weight', () => {
    const wrapped = dict(
      [text('n_averaged'), tensor()],
      [text('module._orig_mod.conv.weight'), tensor()],
      [text('module._orig_mod.conv.bias'), tensor()],
    );

    expect(names(wrapped)).toEqual(['conv.weight', 'conv.bias']);
    expect(names(dict([text('model.weight'), tensor()], [text('head.weight'), tensor()]))).toEqual([
      'model.weight',
      'head.weight',
    ]);
  });

  test('a file without named tensors is refused', () => {
    for (const object of [tensor(), dict([text('epoch'), int(3)]), tuple(tensor()), pickle('NONE')]) {
      expect(refusal(written(archive(object)))).toBe('model.unsupported: The file holds no weights with names');
    }
  });
});

describe('archives', () => {
  test('one with the fields of large archives is read', () => {
    const large = { isZip64: true };
    expect(pairOf(written(archive(onePair, { pickle: large, numbers: large, order: large }, true)))).toEqual([1.5, -2]);
  });

  test('a packed pickle is unpacked, packed numbers are refused', () => {
    const packed = { isDeflated: true };
    expect(pairOf(written(archive(onePair, { pickle: packed })))).toEqual([1.5, -2]);
    const refused = refusal(written(archive(onePair, { numbers: { ...packed, bytes: Buffer.alloc(8) } })));
    expect(refused).toMatch(/^model\.unsupported: The weights in the file are compressed/);
  });

  test('older files without a byte order are little-endian, big-endian ones are refused', () => {
    expect(pairOf(written(archive(onePair, { order: null })))).toEqual([1.5, -2]);
    expect(refusal(written(archive(onePair, { order: { bytes: Buffer.from('big') } })))).toContain('big-endian');
  });

  test.each([
    ['numbers that are missing', { numbers: null }, 'model.corrupt: The numbers of storage "0" are missing'],
    [
      'numbers of another size',
      { numbers: { bytes: Buffer.alloc(12) } },
      'model.corrupt: Storage "0" has not the size',
    ],
    ['another pickle', { pickle: { name: 'net/other.pkl' } }, 'model.unsupported: The file is a zip archive without'],
    ['the same name twice', { order: { name: 'net/data/0' } }, 'model.corrupt: The archive is damaged'],
    ['encrypted numbers', { numbers: { flags: 1 } }, 'model.unsupported: "net/data/0" in the archive is encrypted'],
  ])('one with %s is refused', (_, changes, message) => {
    expect(refusal(written(archive(onePair, changes)))).toContain(message);
  });

  test('a pickle that claims to be tiny does not unpack to more', () => {
    const bomb = archive(onePair, { pickle: { bytes: Buffer.alloc(50_000_000), isDeflated: true } });
    // The unpacked size in the archive's list, which is the last of its kind for the first entry.
    const at = bomb.indexOf(Buffer.from('504b0102', 'hex'));
    bomb.writeUInt32LE(100, at + 24);

    expect(refusal(written(bomb))).toContain('model.corrupt: "net/data.pkl" in the archive cannot be unpacked');
  });
});

describe('tensors', () => {
  test.each([
    ['from behind its numbers', { offset: int(1) }],
    ['of more numbers than there are', { shape: [int(3)] }],
    ['with steps beyond its numbers', { shape: [int(2)], strides: [int(2)] }],
    ['with negative steps', { strides: [int(-1)] }],
    ['with a negative size', { shape: [int(-2)] }],
    ['from a negative place', { offset: int(-1) }],
    ['with sizes and steps that do not match', { strides: [int(1), int(1)] }],
    ['with text for a size', { shape: [text('2')] }],
    ['that repeats one number beyond all memory', { shape: [int(2 ** 30), int(2 ** 30)], strides: [int(0), int(0)] }],
    [
      'of sizes beyond all numbers',
      { shape: Array.from({ length: 60 }, () => int(2 ** 30)), strides: Array.from({ length: 60 }, () => int(0)) },
    ],
    [
      'of too many dimensions',
      { shape: Array.from({ length: 65 }, () => int(1)), strides: Array.from({ length: 65 }, () => int(1)) },
    ],
  ])('one %s is refused', (_, parts) => {
    expect(refusal(written(archive(dict([text('weight'), tensor(parts)]))))).toMatch(
      /^model\.corrupt: A tensor in the file/,
    );
  });

  test.each([
    ['a count that is negative', tensor({ count: -1 })],
    ['a count other than that of its numbers', tensor({ count: 3 })],
    ['a key that leads elsewhere', tensor({ key: '../data.pkl' })],
    ['a key of every object', tensor({ key: '__proto__' })],
  ])('a storage with %s is refused', (_, object) => {
    expect(refusal(written(archive(dict([text('weight'), object]))))).toMatch(/^model\.corrupt: /);
  });

  test('an id that is no storage is refused', () => {
    for (const id of [
      text('os'),
      tuple(text('module'), text('a'), text('b')),
      pickle('NONE'),
      pickle('EMPTY_DICT'),
      tuple(),
    ]) {
      const object = pickle(id, 'BINPERSID');
      expect(refusal(written(archive(object)))).toContain(
        'model.corrupt: The file names the numbers of a tensor in an unknown way',
      );
    }
  });

  test('a function that calls itself ends', () => {
    // Arguments that contain themselves: (function, class, arguments).
    const self = pickle(
      global('torch._tensor', '_rebuild_from_type_v2'), op('BINPUT', 0),
      'EMPTY_LIST', op('BINPUT', 1),
      op('BINGET', 0), 'APPEND', 'NONE', 'APPEND', op('BINGET', 1), 'APPEND', 'NONE', 'APPEND',
      'REDUCE',
    ); // prettier-ignore
    expect(refusal(written(archive(self)))).toContain('model.corrupt: The tensors in the file are described');
  });

  test('an old file names part of a storage as a storage', () => {
    const id = tuple(text('storage'), global('torch', 'FloatStorage'), text('7'), text('cpu'), int(3),
      tuple(text('8'), int(1), int(2))); // prettier-ignore
    const part = call('torch._utils', '_rebuild_tensor', pickle(id, 'BINPERSID'), int(0), tuple(int(2)), tuple(int(1)));
    const magic = pickle(op('PROTO', 2), op('LONG1', 10, Buffer.from('6cfc9c46f9206aa85019', 'hex')), 'STOP');
    const version = pickle(op('PROTO', 2), int(1001), 'STOP');
    const head = Buffer.concat([magic, version, pickle(op('PROTO', 2), dict(), 'STOP')]);
    const object = pickle(op('PROTO', 2), dict([text('weight'), part]), 'STOP');
    const keys = pickle(op('PROTO', 2), 'EMPTY_LIST', text('7'), 'APPEND', 'STOP');
    const count = Buffer.from(BigInt64Array.of(3n).buffer);
    const numbers = Buffer.from(Float32Array.of(9, 1.5, -2).buffer);

    expect(pairOf(written(Buffer.concat([head, object, keys, count, numbers])))).toEqual([1.5, -2]);
    const twice = Buffer.concat([head, object, keys, Buffer.from(BigInt64Array.of(4n).buffer), numbers]);
    expect(refusal(written(twice))).toContain(
      'model.corrupt: The PyTorch file counts the numbers of a tensor in two ways',
    );
  });
});
