import { expect, test } from 'vitest';
import { costOf, costs, interleave, inverse, spreadOf, timesCheaper, type Measured, type Pass } from './measured.ts';

/** @param ms  for each of ten pictures */
function measured(cpuMs: number | null, wallMs = 0): Measured {
  return { images: 10, seconds: wallMs / 100, cpuSeconds: cpuMs === null ? null : cpuMs / 100 };
}

test('the middle of an even number of figures lies between two of them', () => {
  expect(spreadOf([4, 1, 3])).toEqual({ median: 3, min: 1, max: 4 });
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  expect(spreadOf([])).toBeNull();
});

test('costs are milliseconds for one picture', () => {
  expect(costOf(measured(20, 50), 'cpu')).toBeCloseTo(20);
  expect(costOf(measured(20, 50), 'wall')).toBeCloseTo(50);
  expect(costOf(measured(null, 50), 'cpu')).toBeNull();
  expect(costOf({ images: 0, seconds: 1, cpuSeconds: 1 }, 'cpu')).toBeNull();
});

test('a ratio is the middle of those of the single passes, not that of the middle costs', () => {
  const passes: Pass<'ours' | 'theirs'>[] = [
    { ours: measured(10), theirs: measured(20) },
    { ours: measured(30), theirs: measured(90) },
    { ours: measured(20), theirs: measured(80) },
  ];
  expect(timesCheaper(passes, 'ours', 'theirs', 'cpu')).toEqual({ median: 3, min: 2, max: 4 });
  expect(costs(passes, 'theirs', 'cpu')).toEqual({ median: 80, min: 20, max: 90 });
});

test('parts are added up before a whole is compared with them', () => {
  const passes: Pass<'whole' | 'decode' | 'infer'>[] = [
    { whole: measured(22), decode: measured(5), infer: measured(15) },
  ];
  const ratio = inverse(timesCheaper(passes, 'whole', ['decode', 'infer'], 'cpu'));
  expect(ratio?.median).toBeCloseTo(1.1);
});

test('what was not measured has no ratio', () => {
  const passes: Pass<'ours' | 'theirs'>[] = [{ ours: measured(10) }, { ours: measured(10), theirs: measured(null) }];
  expect(timesCheaper(passes, 'ours', 'theirs', 'cpu')).toBeNull();
  expect(costs(passes, 'theirs', 'cpu')).toBeNull();
});

test('the smallest ratio turned over is the largest', () => {
  expect(inverse({ median: 2, min: 1, max: 4 })).toEqual({ median: 0.5, min: 0.25, max: 1 });
  expect(inverse(null)).toBeNull();
});

test('every other pass goes the other way round, and what is not there is left out', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => {
    order.push(name);
    return measured(1);
  };
  const passes = await interleave(
    { a: subject('a'), missing: null, b: subject('b'), c: subject('c') },
    { passes: 3, seconds: 60 },
  );
  expect(order.join('')).toBe('abccbaabc');
  expect(passes.map((pass) => Object.keys(pass).sort())).toEqual(Array(3).fill(['a', 'b', 'c']));
});

test('the first pass is made without any patience, and no other', async () => {
  const passes = await interleave({ a: async () => measured(1) }, { passes: 5, seconds: 0 });
  expect(passes).toHaveLength(1);
});
