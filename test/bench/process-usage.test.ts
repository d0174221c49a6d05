import { expect, test } from 'vitest';
import { busyShare, cpuSecondsOf, parseCpuTime, peakMegabytesOf } from './process-usage.ts';

const isLinux = process.platform === 'linux';

test('the time of a process is what it says itself', () => {
  const until = performance.now() + 100;
  while (performance.now() < until);
  const { user, system } = process.cpuUsage();
  const told = cpuSecondsOf(process.pid);
  if (process.platform === 'win32') expect(told).toBeNull();
  // Counted in hundredths, each of the two kinds cut off.
  else expect(Math.abs(told! - (user + system) / 1e6)).toBeLessThan(0.1);
});

test('a process that is not there has no figures', () => {
  const nobody = 2 ** 30;
  expect(cpuSecondsOf(nobody)).toBeNull();
  expect(peakMegabytesOf(nobody)).toBeNull();
});

test('the most memory of a process is what the system says', () => {
  const megabytes = (bytes: number) => bytes / 1024 ** 2;
  const now = megabytes(process.memoryUsage.rss());
  const told = peakMegabytesOf(process.pid);
  if (!isLinux) return expect(told).toBeNull();
  expect(told!).toBeGreaterThan(now - 5);
  // What a process had before it became this one counts there as well.
  expect(told!).toBeLessThan(process.resourceUsage().maxRSS / 1024 + 5);
});

test('times are read as every ps writes them', () => {
  expect(parseCpuTime('  0:01.25\n')).toBeCloseTo(1.25);
  expect(parseCpuTime('12:03,50')).toBeCloseTo(723.5);
  expect(parseCpuTime('01:02:03')).toBe(3723);
  expect(parseCpuTime('2-01:02:03')).toBe(2 * 86_400 + 3723);
  expect(parseCpuTime('')).toBeNull();
});

test('the busy share of the machine is a share', async () => {
  const share = await busyShare(50);
  if (!isLinux && share === null) return expect(share).toBeNull();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
