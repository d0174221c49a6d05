/** @file What the system says about other processes and about the machine; null where it does not. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Source: proc(5): times are in clock ticks, of which Linux tells programs 100 a second on every architecture. */
const ticksPerSecond = 100;

/** User and system time of all threads, and of children that have ended. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    if (process.platform === 'linux') {
      const fields = fieldsOf(pid);
      // utime, stime, cutime, cstime: the 14th to the 17th field of the line.
      return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / ticksPerSecond;
    }
    if (process.platform === 'win32') return null;
    return parseCpuTime(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/** The name of a program stands in brackets and may hold anything; what follows it are plain fields, from the third on. */
function fieldsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
}

/** @param text  as `ps` writes it: '[[days-]hours:]minutes:seconds' with a fraction on some systems */
export function parseCpuTime(text: string): number | null {
  const match = /^\s*(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:[.,]\d+)?)\s*$/.exec(text);
  if (!match) return null;
  const [, days = '0', hours = '0', minutes, seconds] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds!.replace(',', '.'));
}

/** Most memory that a process has had in RAM. */
export function peakMegabytesOf(pid: number): number | null {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) / 1024 : null;
  } catch {
    return null;
  }
}

/** Watch the whole machine for a moment. @returns which share of its cores was busy, in [0, 1] */
export async function busyShare(milliseconds: number): Promise<number | null> {
  const before = machineTicks();
  await sleep(milliseconds);
  const after = machineTicks();
  if (!before || !after || after.total === before.total) return null;
  return 1 - (after.idle - before.idle) / (after.total - before.total);
}

function machineTicks(): { idle: number; total: number } | null {
  try {
    const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
    // Idle, and idle while waiting for a disk.
    return { idle: ticks[3]! + ticks[4]!, total: ticks.reduce((sum, value) => sum + value, 0) };
  } catch {
    return null;
  }
}
