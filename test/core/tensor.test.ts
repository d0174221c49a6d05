import { expect, test } from 'vitest';
import { readFloats, tensorOf, type ElementType } from '../../electron/core/tensor.ts';

function tensor(type: ElementType, values: ArrayLike<number> & ArrayBufferView) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { type, shape: [values.length], bytes: () => bytes };
}

test('halves are widened exactly: every one of them, infinities and not-a-numbers too', () => {
  const halves = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);

  const values = readFloats(tensor('float16', halves));

  // Float16Array is not in every engine yet, so the definition is written out: sign, exponent, fraction.
  for (const [bits, value] of values.entries()) {
    const exponent = (bits >> 10) & 31;
    const fraction = (bits & 1023) / 1024;
    const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
    const expected = exponent < 31 ? size : fraction === 0 ? Infinity : NaN;
    expect(Object.is(value, bits & 0x8000 ? -expected : expected)).toBe(true);
  }
  expect(values[0x3c00]).toBe(1);
  expect(values[0x7bff]).toBe(65504);
});

test('bfloat16 is the upper half of a float32', () => {
  const values = readFloats(tensor('bfloat16', Uint16Array.of(0x3f80, 0xc040, 0x0001)));

  expect([...values]).toEqual([1, -3, 2 ** -133]);
});

test('doubles are rounded, and whole numbers are no weights', () => {
  expect([...readFloats(tensor('float64', Float64Array.of(0.1, -2)))]).toEqual([Math.fround(0.1), -2]);
  expect(() => readFloats(tensor('int8', Int8Array.of(1)))).toThrow(/int8 stands where weights/);
});

test('bytes at an odd address are read, and too few of them are refused', () => {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setFloat32(5, 1.5, true);
  const odd = { type: 'float32' as const, shape: [2], bytes: () => bytes.subarray(1) };

  expect([...readFloats(odd)]).toEqual([0, 1.5]);
  expect(() => readFloats({ ...odd, shape: [3] })).toThrow(expect.objectContaining({ code: 'model.corrupt' }));
  expect([...readFloats(tensorOf(Float32Array.of(1, 2), [2]))]).toEqual([1, 2]);
});
