/** @file A process beside the engine that may crash, hang or eat memory without harm: started with nothing it could spoil. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface SideProcess {
  child: ChildProcess;
  /** Kill it, whatever it is doing. Settles when it is gone. */
  end: () => Promise<void>;
}

/** @param cwd  an empty folder of its own: what it makes for a moment goes with it, however the process ends */
export function startSideProcess(entry: URL, cwd: string, stderr: 'pipe' | 'ignore'): SideProcess {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(entry)], {
    cwd,
    env: { ...env, TMPDIR: cwd, TEMP: cwd, TMP: cwd },
    // The last one carries the watch's verdict.
    stdio: ['ignore', 'ignore', stderr, 'ipc', 'pipe'],
    serialization: 'advanced',
    windowsHide: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => child.pid === undefined && resolve());
  });
  return {
    child,
    end() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
