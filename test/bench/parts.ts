/** @file Starts the program that measures the parts of labeling alone. */
import { join } from 'node:path';
import { nodePath } from '../cli/labelwright.ts';
import type { BenchModels } from './bench-models.ts';
import { startLineProcess, type LineProcess } from './line-process.ts';
import { bundledModels } from './pipeline.ts';

export function startAlone({ folder }: BenchModels): Promise<LineProcess> {
  return startLineProcess(nodePath, [join(import.meta.dirname, 'alone.ts'), folder, bundledModels]);
}
