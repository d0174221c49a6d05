import { expect, test } from 'vitest';
import { killTest, line } from './kill.ts';

test('five kills in a run over 200 pictures lose, repeat and miss nothing', { timeout: 180_000 }, async () => {
  const seed = Date.now() % 100_000;
  const report = await killTest(5, 200, seed);
  expect(report.engineKills + report.mainKills).toBe(5);
  expect(line({ ...report, engineKills: 3, mainKills: 2 })).toBe(
    `kills 5 (engine 3, main 2; seed ${seed}): images 200, lost 0, twice 0, missed 0`,
  );
});
