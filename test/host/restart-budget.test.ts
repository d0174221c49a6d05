import { expect, test } from 'vitest';
import { RestartBudget } from '../../electron/host/restart-budget.ts';

test('restarts are counted within the window and refused beyond the limit', () => {
  const budget = new RestartBudget(2, 1000);

  expect(budget.take(0)).toBe(0);
  expect(budget.take(10)).toBe(1);
  expect(budget.take(999)).toBeNull();
});

test('an old restart is forgiven', () => {
  const budget = new RestartBudget(2, 1000);
  budget.take(0);
  budget.take(500);

  expect(budget.take(1000)).toBe(1);
  expect(budget.take(1001)).toBeNull();
});
