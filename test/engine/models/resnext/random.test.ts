import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { elementCount, readFloats, type LazyTensor } from '#core/tensor.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';

const tiny = parseArchitecture('ResNeXt[1,1,1,1]_8x4d')!;

const digest = (tensor: LazyTensor) => createHash('sha256').update(tensor.bytes()).digest('hex');

test('the same seed gives the same numbers in any order, another seed others', () => {
  const first = Array.from(randomTensors(tiny, 1), ([name, tensor]) => [name, digest(tensor)]);
  const backwards = [...randomTensors(tiny, 1)].reverse().map(([name, tensor]) => [name, digest(tensor)]);

  expect(backwards.reverse()).toEqual(first);
  expect(first).not.toContainEqual(['fc.weight', digest(randomTensors(tiny, 2).get('fc.weight')!)]);
});

test('numbers are uniform in the range of their tensor, and tensors differ', () => {
  const tensors = randomTensors(tiny, 3);
  const values = readFloats(tensors.get('layer4.0.conv3.weight')!);
  const bound = Math.sqrt(6 / 256);

  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  expect(Math.max(...values.subarray(0, 10_000))).toBeLessThanOrEqual(bound);
  expect(Math.abs(mean)).toBeLessThan(bound / 100);
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  expect(new Set(Array.from(tensors.values(), (tensor) => readFloats(tensor)[0])).size).toBe(tensors.size);
  for (const [name, tensor] of tensors) {
    if (name.endsWith('running_var')) expect(Math.min(...readFloats(tensor))).toBeGreaterThan(0);
  }
});

test('a hundred million numbers take seconds, one tensor at a time', () => {
  const startedMs = performance.now();
  let count = 0;
  let largest = 0;
  for (const tensor of randomTensors(parseArchitecture('ResNeXt152_64x4d')!, 1).values()) {
    count += tensor.bytes().length / 4;
    largest = Math.max(largest, elementCount(tensor.shape));
  }

  expect(count).toBeGreaterThan(1e8);
  expect(largest).toBeLessThan(5e6);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});
