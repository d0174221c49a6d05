/** @file On what it was measured, and with which versions. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { busyShare } from './process-usage.ts';
import type { Python } from './python.ts';

export interface MachineFacts {
  processor: string;
  cores: number;
  memoryGigabytes: number;
  system: string;
  /** Before the first measurement: load average of a minute, and the share of the cores that others kept busy. */
  load: number;
  busyShare: number | null;
  versions: Record<string, string>;
}

/** So much done by others makes figures by the clock worthless. */
export const busyLimit = 0.1;

export async function readMachine(python: Python | null): Promise<MachineFacts> {
  const manifest = join(import.meta.dirname, '../../node_modules/onnxruntime-node/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const inPython = Object.entries(python?.modules ?? {}).map(([name, found]) => [
    name === 'python' ? name : `python ${name}`,
    found,
  ]);
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    load: Math.round(loadavg()[0]! * 100) / 100,
    busyShare: await busyShare(2000),
    versions: {
      node: process.versions.node,
      'onnxruntime-node': version,
      sharp: sharp.versions.sharp ?? 'unknown',
      libvips: sharp.versions.vips,
      ...(Object.fromEntries(inPython) as Record<string, string>),
    },
  };
}
