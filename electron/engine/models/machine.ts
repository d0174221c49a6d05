/** @file What was measured on this machine: a small JSON file that may be lost at any time. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { ModelSpeed, Tuning } from '#core/model.ts';
import { executionProviders, type ExecutionProvider, type ProviderState } from '#core/providers.ts';

/** What computing in integers gives on this machine. */
export interface Integers {
  /** Speed over that of floats, of a small graph, one thread. */
  gain: number;
  /** Nothing is lost where two products are added in 16 bits, which x86 without VNNI does. */
  exact: boolean;
  /** Milliseconds since 1970. */
  measuredMs: number;
}

export interface Machine {
  /**
   * The newest measurement of a model, over all providers or of one.
   *
   * @param key  SHA-256 of the model's file, or the name of an architecture that was measured with random weights
   */
  speed(key: string, provider?: ExecutionProvider): ModelSpeed | null;
  rememberSpeed(key: string, speed: ModelSpeed): void;
  /** Empty until providers have been tried on this machine with this runtime. */
  providers(): ProviderState[];
  rememberProviders(states: ProviderState[]): void;
  /** Null until measured. */
  integers(): Integers | null;
  rememberIntegers(integers: Integers): void;
  /**
   * How a file runs fastest; null until measured.
   *
   * @param key    SHA-256 of the model's file
   * @param cores  how many it may use
   */
  tuning(key: string, provider: ExecutionProvider, cores: number): Tuning | null;
  rememberTuning(key: string, provider: ExecutionProvider, cores: number, tuning: Tuning): void;
}

/** A home folder may serve several machines, and one machine has several runtimes over time. */
const machineLimit = 8;

const amount = z.number().min(0);
const speedSchema = z.object({
  provider: z.string(),
  threads: z.int().min(1),
  batches: z.array(z.object({ rows: z.int().min(1), milliseconds: amount })),
  imagesPerSecond: amount,
  measuredMs: amount,
});
const stateSchema = z.object({
  provider: z.enum(executionProviders),
  state: z.enum(['untried', 'works', 'fails', 'not-offered']),
  reason: z.string().nullable(),
  maxDifference: amount.nullable(),
  imagesPerSecond: amount.nullable(),
  triedMs: amount.nullable(),
});
const integersSchema = z.object({ gain: amount, exact: z.boolean(), measuredMs: amount });
const tuningSchema = z.object({
  sessions: z.int().min(1).max(64),
  threads: z.int().min(1).max(256),
  batchSize: z.int().min(1).max(256),
  mergeWidth: z.int().min(0).max(1024),
  imagesPerSecond: amount,
  measuredMs: amount,
});
const recordSchema = z.object({
  /** By key, then by provider. */
  speeds: z.record(z.string(), z.record(z.string(), speedSchema)),
  providers: z.array(stateSchema),
  // Of an earlier version of the app they are missing.
  integers: integersSchema.nullable().default(null),
  /** By key, then by provider and cores. */
  tunings: z.record(z.string(), z.record(z.string(), tuningSchema)).default({}),
});
type MachineRecord = z.infer<typeof recordSchema>;
/** By fingerprint, the one used last at the end. */
const fileSchema = z.object({ version: z.literal(1), machines: z.record(z.string(), recordSchema) });

/**
 * What measurements depend on: processor, its threads, the runtime. Any change makes them void.
 *
 * A changed graphics card or driver is not seen; trying the providers again is.
 */
function fingerprint(): string {
  const processors = cpus();
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return `${processors[0]?.model.trim() ?? 'unknown'} × ${processors.length}, onnxruntime ${version}`;
}

/** @param path  absolute; made when something is remembered. A damaged file is an empty one. */
export function openMachine(path: string, self = fingerprint()): Machine {
  const machines = read(path);
  const mine: MachineRecord = machines.get(self) ?? { speeds: {}, providers: [], integers: null, tunings: {} };

  function save(): void {
    machines.delete(self);
    const others = [...machines].slice(1 - machineLimit);
    const file: z.infer<typeof fileSchema> = { version: 1, machines: Object.fromEntries([...others, [self, mine]]) };
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
      renameSync(`${path}.new`, path);
    } catch {
      // A full or read-only disk costs a measurement, not the work at hand; it is kept until the engine ends.
    }
  }

  return {
    speed(key, provider) {
      const speeds = Object.values(own(mine.speeds, key) ?? {});
      const fitting = speeds.filter((speed) => provider === undefined || speed.provider === provider);
      return fitting.sort((a, b) => b.measuredMs - a.measuredMs)[0] ?? null;
    },
    rememberSpeed(key, speed) {
      mine.speeds[key] = { ...own(mine.speeds, key), [speed.provider]: speed };
      save();
    },
    providers: () => mine.providers,
    rememberProviders(states) {
      mine.providers = states;
      save();
    },
    integers: () => mine.integers,
    rememberIntegers(integers) {
      mine.integers = integers;
      save();
    },
    tuning: (key, provider, cores) => own(own(mine.tunings, key) ?? {}, tuningKey(provider, cores)) ?? null,
    rememberTuning(key, provider, cores, tuning) {
      mine.tunings[key] = { ...own(mine.tunings, key), [tuningKey(provider, cores)]: tuning };
      save();
    },
  };
}

function tuningKey(provider: ExecutionProvider, cores: number): string {
  return `${provider} × ${cores}`;
}

/** What `record` itself has, not what every object has. */
function own<Value>(record: Record<string, Value>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function read(path: string): Map<string, MachineRecord> {
  try {
    const { machines } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return new Map(Object.entries(machines));
  } catch {
    return new Map();
  }
}
