/** @file A whole engine in the test's own process, over the bundled model. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventName, Events } from '../../electron/contract/calls.ts';
import type { RunProgress, RunState } from '../../electron/core/run.ts';
import { openEngine, type Engine, type EngineOptions } from '../../electron/engine/engine.ts';
import { temporaryFolder } from './library.ts';
import { keepMachine, lendMachine } from './machine.ts';

export const photosFolder = new URL('../fixtures/photos', import.meta.url).pathname;
export const modelsFolder = new URL('../../models', import.meta.url).pathname;

/** What was measured of models on this machine, which takes seconds: handed from one engine of a test file to the next. */
const measured = join(mkdtempSync(join(tmpdir(), 'labelwright-machine-')), 'machine.json');
process.once('exit', () => rmSync(dirname(measured), { recursive: true, force: true }));

export interface TestEngine {
  engine: Engine;
  call: Engine['handlers'];
  events: { name: EventName; payload: unknown }[];
  /** Resolves with the first progress that fits, past or future. */
  until: (fits: (progress: RunProgress) => boolean) => Promise<RunProgress>;
  close: () => Promise<void>;
}

export const ended = ({ state }: { state: RunState }): boolean => ['finished', 'cancelled', 'failed'].includes(state);

export async function openTestEngine(
  libraryPath = join(temporaryFolder(), 'test.labelwright'),
  options: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  const events: TestEngine['events'] = [];
  const watchers = new Set<() => void>();
  const emit = <Name extends EventName>(name: Name, payload: Events[Name]): void => {
    events.push({ name, payload });
    for (const watcher of watchers) watcher();
  };
  const { cachePath = `${libraryPath}.cache` } = options;
  const machine = join(cachePath, 'machine.json');
  mkdirSync(cachePath, { recursive: true });
  if (existsSync(measured) && !existsSync(machine)) cpSync(measured, machine);
  lendMachine(cachePath);
  const engine = await openEngine({
    libraryPath,
    cachePath,
    modelsPaths: [modelsFolder],
    after: null,
    emit,
    fatal: () => {
      throw new Error('The inference worker died');
    },
    stop: () => {},
    ...options,
  });
  let open = true;
  const close = async () => {
    if (open) await engine[Symbol.asyncDispose]();
    if (open && existsSync(machine)) cpSync(machine, measured);
    if (open) keepMachine(cachePath);
    open = false;
  };
  onTestFinished(close);
  return {
    engine,
    call: engine.handlers,
    events,
    close,
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = events.find(({ name, payload }) => name === 'run.progress' && fits(payload as RunProgress));
          if (!found) return;
          watchers.delete(look);
          resolve(found.payload as RunProgress);
        };
        watchers.add(look);
        look();
      }),
  };
}
