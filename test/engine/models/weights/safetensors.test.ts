import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../../electron/core/errors.ts';
import { readFloats } from '../../../../electron/core/tensor.ts';
import { openByteFile } from '../../../../electron/engine/models/weights/byte-source.ts';
import { openSafetensors } from '../../../../electron/engine/models/weights/safetensors.ts';
import type { WeightFile } from '../../../../electron/engine/models/weights/weight-file.ts';
import { temporaryFolder } from '../../../support/library.ts';

const numbers = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);

function entry(from: number, to: number, shape = [(to - from) / 4], dtype: unknown = 'F32') {
  return { dtype, shape, data_offsets: [from, to] };
}

function open(header: unknown, data: Uint8Array = numbers, length?: bigint): WeightFile {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(temporaryFolder(), 'weights');
  writeFileSync(path, Buffer.concat([size, text, data]));
  return openSafetensors(openByteFile(path));
}

function refusal(...args: Parameters<typeof open>): string {
  try {
    open(...args)[Symbol.dispose]();
    return '';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test('tensors may lie in another order than they are named in', () => {
  using file = open({
    __metadata__: { format: 'pt' },
    late: entry(8, 16),
    early: entry(0, 8),
    none: entry(8, 8, [0, 3]),
  });
  const found = Array.from(file.tensors, ([name, tensor]) => [name, tensor.shape, [...readFloats(tensor)]]);

  expect(found).toEqual([
    ['late', [2], [3, 4]],
    ['early', [2], [1, 2]],
    ['none', [0, 3], []],
  ]);
});

test('names that every object has, and a common prefix, are only names', () => {
  using file = open(
    '{"module.__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"module.constructor":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
  );

  expect([...file.tensors.keys()]).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
});

test('bytes are asked for in vain once the file is closed', () => {
  const file = open({ weight: entry(0, 16) });
  const tensor = file.tensors.get('weight')!;
  file[Symbol.dispose]();

  expect(() => tensor.bytes()).toThrow('closed');
});

describe('a damaged file is refused with what is wrong', () => {
  test.each([
    ['overlapping tensors', { a: entry(0, 8), b: entry(4, 16) }, '"b" does not begin where'],
    ['a gap', { a: entry(0, 4), b: entry(8, 16) }, '"b" does not begin where'],
    ['a gap at the start', { a: entry(4, 16) }, '"a" does not begin where'],
    ['numbers that nobody has', { a: entry(0, 8) }, 'its tensors fill 8 of 16 bytes'],
    ['a tensor beyond the end', { a: entry(0, 2 ** 40) }, 'its tensors fill'],
    ['the same place twice', { a: entry(0, 16), b: entry(0, 16) }, '"b" does not begin where'],
    ['a shape that needs more', { a: entry(0, 16, [5]) }, '"a" has 16 bytes'],
    ['a shape beyond all numbers', { a: entry(0, 16, new Array(40).fill(2 ** 50)) }, '"a" has 16 bytes'],
    ['an end before its start', { a: entry(16, 0) }, '"a" has'],
    ['negative places', { a: { dtype: 'F32', shape: [4], data_offsets: [-16, 0] } }, '"a" has a shape or place'],
    ['fractions', { a: entry(0, 16, [0.5, 8]) }, '"a" has a shape or place'],
    ['text for a place', { a: { dtype: 'F32', shape: [4], data_offsets: ['0', '16'] } }, '"a" has a shape or place'],
    ['nothing for a tensor', { a: null }, '"a" is not described'],
    ['no JSON', '{"a":', 'is not JSON'],
    ['no object', '[]', 'its tensors fill 0 of 16'],
  ])('%s', (_, header, message) => {
    expect(refusal(header)).toMatch(/^model\.corrupt: /);
    expect(refusal(header)).toContain(message);
  });

  test.each(['F8_E4M3', 'U32', 'constructor', 5, null])('the type %s is named as unknown', (type) => {
    expect(refusal({ a: entry(0, 16, [4], type) })).toBe(
      `model.unsupported: The tensor "a" has the type ${type}, which is unknown`,
    );
  });

  test('a header beyond the file or beyond all measure', () => {
    expect(refusal({ a: entry(0, 16) }, numbers, 1000n)).toContain('model.corrupt');
    expect(refusal({ a: entry(0, 16) }, numbers, 4_000_001n)).toContain('model.unsupported: The header');
    expect(refusal({ a: entry(0, 16) }, numbers, 2n ** 64n - 1n)).toContain('model.unsupported: The header');
  });

  test('a header nested a hundred thousand times', () => {
    expect(refusal(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)).toMatch(/^model\.corrupt/);
  });
});
