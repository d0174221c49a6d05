/** @file The Python to compare with, where there is one. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLineProcess, type LineProcess } from './line-process.ts';

export interface Python {
  path: string;
  /** Versions by module, of those that can be imported. */
  modules: Partial<Record<PythonModule, string>>;
}

const moduleNames = ['numpy', 'PIL', 'onnxruntime', 'torch', 'torchvision', 'cv2'] as const;
export type PythonModule = (typeof moduleNames)[number];

/** Importing torch from a cold disk takes a while. */
const timeoutMs = 60_000;

const probe = `
import importlib, json, sys
found = {"python": sys.version.split()[0]}
for name in sys.argv[1:]:
    try:
        found[name] = str(getattr(importlib.import_module(name), "__version__", "unknown"))
    except Exception:  # a build for other hardware fails with whatever it pleases
        pass
print(json.dumps(found))
`;

/**
 * @param wanted  a path; null: what the search path has
 * @returns null if there is none
 * @throws {Error} if the wanted one does not run
 */
export async function findPython(wanted: string | null): Promise<Python | null> {
  for (const path of wanted === null ? ['python3', 'python'] : [wanted]) {
    try {
      const { stdout } = await promisify(execFile)(path, ['-c', probe, ...moduleNames], { timeout: timeoutMs });
      return { path, modules: JSON.parse(stdout) as Python['modules'] };
    } catch (cause) {
      if (wanted !== null) throw new Error(`${wanted} is no Python that runs`, { cause });
    }
  }
  return null;
}

export function canImport(python: Python | null, ...names: PythonModule[]): python is Python {
  return python !== null && names.every((name) => python.modules[name] !== undefined);
}

/**
 * Start one of the programs in `peers/`.
 *
 * @returns null, with a word about it, if it does not come up: a module that can be imported need not work
 */
export async function startPython(
  python: Python,
  script: string,
  args: readonly string[] = [],
): Promise<LineProcess | null> {
  try {
    return await startLineProcess(python.path, [join(import.meta.dirname, 'peers', script), ...args]);
  } catch (thrown) {
    console.error(`Left out: ${(thrown as Error).message}`);
    return null;
  }
}
