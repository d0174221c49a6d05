/** @file What one core of this machine can do at most, by a small C program; null where there is no compiler. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLineProcess, type LineProcess } from './line-process.ts';

export interface Peak {
  /** Billions of operations per second of processor time; a multiply-add is two. */
  floats: { name: string; gigaOperations: number } | null;
  bytes: { name: string; gigaOperations: number } | null;
}

const compilers = ['cc', 'gcc', 'clang'];

/** @param home  where the program is put */
export async function startPeak(home: string): Promise<LineProcess | null> {
  const program = join(home, 'peak');
  await mkdir(home, { recursive: true });
  for (const compiler of compilers) {
    try {
      await promisify(execFile)(compiler, ['-O2', '-o', program, join(import.meta.dirname, 'peers/peak.c')]);
      return await startLineProcess(program, []);
    } catch {
      // Another compiler may do; without any the figure is left out.
    }
  }
  return null;
}
