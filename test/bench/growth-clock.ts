/** @file Time, processor time, stalls and memory of a piece of work. */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Measured {
  wallMs: number;
  /** Of all threads of the process, user and system. */
  cpuMs: number;
  /** Longest time the event loop could not turn. */
  stallMs: number;
}

const pulseMs = 5;

/** Once, with the longest stall: for work of many steps. */
export async function measure(work: () => unknown): Promise<Measured> {
  let stallMs = 0;
  let last = performance.now();
  const beat = () => {
    stallMs = Math.max(stallMs, performance.now() - last - pulseMs);
    last = performance.now();
  };
  const pulse = setInterval(beat, pulseMs);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  // Work without a pause leaves no room for the pulse: then it was one stall from end to end.
  beat();
  clearInterval(pulse);
  return { wallMs, cpuMs: (user + system) / 1000, stallMs };
}

export interface Repeated {
  medianMs: number;
  p95Ms: number;
  /** Processor time of one call, on average. */
  cpuMs: number;
}

/** Many times, one call after the other; `place` counts from 0. */
export async function repeat(times: number, call: (place: number) => unknown): Promise<Repeated> {
  const took: number[] = [];
  const cpu = process.cpuUsage();
  for (let place = 0; place < times; place++) {
    const start = performance.now();
    await call(place);
    took.push(performance.now() - start);
    if (place % 10 === 9) await nextTurn();
  }
  const { user, system } = process.cpuUsage(cpu);
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!;
  return { medianMs: at(0.5), p95Ms: at(0.95), cpuMs: (user + system) / 1000 / times };
}

/** Most memory the process ever had, MB; null where the system does not tell it this way. */
export function peakMemoryMb(): number | null {
  const kilobytes = process.resourceUsage().maxRSS;
  if (process.platform !== 'linux') return kilobytes / 1024;
  // Unlike getrusage, not inherited from the process that started this one.
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return peak ? Number(peak) / 1024 : null;
}
