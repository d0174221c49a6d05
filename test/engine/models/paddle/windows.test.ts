import { expect, test } from 'vitest';
import { compute, numbers, unary } from '../../../support/paddle/compute.ts';
import type { Attribute, Operator } from '../../../support/paddle/pdmodel.ts';
import { largestDifference } from '../../../support/paddle/run.ts';

/** [top, bottom, left, right] */
type Pads = [number, number, number, number];
interface Window {
  kernel: [number, number];
  stride: [number, number];
  pads: Pads;
  dilation?: [number, number];
  ceil?: boolean;
}

/** Paddle's formulas, pixel by pixel, for one channel: `fold` gets the values that lie inside. */
function slide(
  x: Float32Array,
  height: number,
  width: number,
  window: Window,
  fold: (inside: [number, number][]) => number,
) {
  const { kernel, stride, pads, dilation = [1, 1], ceil = false } = window;
  const span = [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1] as const;
  const outs = (size: number, axis: 0 | 1) => {
    const room = size + pads[2 * axis]! + pads[2 * axis + 1]! - span[axis];
    return (ceil ? Math.ceil(room / stride[axis]) : Math.floor(room / stride[axis])) + 1;
  };
  const result: number[] = [];
  for (let row = 0; row < outs(height, 0); row++) {
    for (let column = 0; column < outs(width, 1); column++) {
      const inside: [number, number][] = [];
      for (let i = 0; i < kernel[0]; i++) {
        for (let j = 0; j < kernel[1]; j++) {
          const y = row * stride[0] - pads[0] + i * dilation[0];
          const z = column * stride[1] - pads[2] + j * dilation[1];
          if (y >= 0 && y < height && z >= 0 && z < width) inside.push([x[y * width + z]!, i * kernel[1] + j]);
        }
      }
      result.push(fold(inside));
    }
  }
  return Float32Array.from(result);
}

const windows: [string, Window, Record<string, Attribute>][] = [
  [
    'two paddings are height and width',
    { kernel: [3, 2], stride: [1, 1], pads: [1, 1, 0, 0] },
    { paddings: ['ints', [1, 0]] },
  ],
  [
    'four paddings are top, bottom, left, right',
    { kernel: [3, 3], stride: [2, 1], pads: [1, 0, 2, 1] },
    { paddings: ['ints', [1, 0, 2, 1]], strides: ['ints', [2, 1]] },
  ],
  [
    'SAME pads the odd row and column at the end',
    { kernel: [2, 2], stride: [2, 2], pads: [0, 1, 0, 1] },
    { padding_algorithm: ['text', 'SAME'], strides: ['ints', [2, 2]], paddings: ['ints', [5, 5]] },
  ],
  [
    'VALID pads nothing',
    { kernel: [3, 3], stride: [1, 1], pads: [0, 0, 0, 0] },
    { padding_algorithm: ['text', 'VALID'], paddings: ['ints', [5, 5]] },
  ],
];

for (const [title, window, attributes] of windows) {
  test(`convolution: ${title}`, async () => {
    const x = numbers(1, 1, 5, 7);
    const filter = numbers(1, 1, ...window.kernel);
    const operator: Operator = {
      type: 'conv2d',
      inputs: { Input: ['x'], Filter: ['f'] },
      outputs: { Output: ['y'] },
      attributes,
    };
    const { values } = await compute([operator], x, { f: filter });
    const sum = (inside: [number, number][]) =>
      inside.reduce((total, [value, at]) => total + value * filter.values[at]!, 0);
    expect(largestDifference(values, slide(x.values, 5, 7, window, sum))).toBeLessThan(1e-4);
  });
}

test('convolution: dilations spread the window', async () => {
  const x = numbers(1, 1, 7, 7);
  const filter = numbers(1, 1, 3, 3);
  const window: Window = { kernel: [3, 3], stride: [1, 1], pads: [1, 1, 1, 1], dilation: [2, 1] };
  const operator: Operator = {
    type: 'depthwise_conv2d',
    inputs: { Input: ['x'], Filter: ['f'] },
    outputs: { Output: ['y'] },
    attributes: { dilations: ['ints', [2, 1]], paddings: ['ints', [1, 1]], groups: ['int', 1] },
  };
  const { values } = await compute([operator], x, { f: filter });
  const sum = (inside: [number, number][]) =>
    inside.reduce((total, [value, at]) => total + value * filter.values[at]!, 0);
  expect(largestDifference(values, slide(x.values, 7, 7, window, sum))).toBeLessThan(1e-4);
});

const pools: [string, Window, Record<string, Attribute>, (inside: [number, number][]) => number][] = [
  [
    'an exclusive average divides by what lies inside',
    { kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1] },
    { pooling_type: ['text', 'avg'], exclusive: ['bool', true], paddings: ['ints', [1, 1]] },
    (inside) => inside.reduce((total, [value]) => total + value, 0) / inside.length,
  ],
  [
    'another average divides by the whole window',
    { kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1] },
    { pooling_type: ['text', 'avg'], exclusive: ['bool', false], paddings: ['ints', [1, 1]] },
    (inside) => inside.reduce((total, [value]) => total + value, 0) / 9,
  ],
  [
    'rounding up hangs the last window over the edge',
    { kernel: [2, 2], stride: [2, 2], pads: [0, 0, 0, 0], ceil: true },
    { pooling_type: ['text', 'avg'], ceil_mode: ['bool', true] },
    (inside) => inside.reduce((total, [value]) => total + value, 0) / inside.length,
  ],
  [
    'a maximum rounds up too',
    { kernel: [3, 3], stride: [2, 2], pads: [0, 0, 0, 0], ceil: true },
    { pooling_type: ['text', 'max'], ceil_mode: ['bool', true] },
    (inside) => Math.max(...inside.map(([value]) => value)),
  ],
];

for (const [title, window, attributes, fold] of pools) {
  test(`pool: ${title}`, async () => {
    const x = numbers(1, 1, 5, 8);
    const own: Record<string, Attribute> = { ksize: ['ints', window.kernel], strides: ['ints', window.stride] };
    const { values } = await compute([unary('pool2d', { ...own, ...attributes })], x);
    expect(largestDifference(values, slide(x.values, 5, 8, window, fold))).toBeLessThan(1e-5);
  });
}

test('pool: global and adaptive pools to one value see everything', async () => {
  const x = numbers(1, 1, 3, 4);
  const mean = x.values.reduce((total, value) => total + value, 0) / 12;
  const average = unary('pool2d', { pooling_type: ['text', 'avg'], ksize: ['ints', [1, 1]], adaptive: ['bool', true] });
  expect((await compute([average], x)).values[0]).toBeCloseTo(mean, 5);
  const maximum = unary('pool2d', {
    pooling_type: ['text', 'max'],
    global_pooling: ['bool', true],
    ksize: ['ints', [2, 2]],
  });
  expect((await compute([maximum], x)).values[0]).toBe(Math.max(...x.values));
});
