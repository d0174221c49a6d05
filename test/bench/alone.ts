/**
 * @file The parts of labeling, each alone: `decode` reads, hashes and decodes one picture after the other; `infer` takes
 * decoded ones through the engine's session; `onnxruntime` takes the same through a plain session of the same file.
 * A program of its own, see `line-process.ts`; its one argument is the folder of the model folders.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { pixelWriter } from '#core/pixel-values.ts';
import { topK } from '#core/scores.ts';
import { prepare } from '../../electron/engine/inference/classify.ts';
import { openSession } from '../../electron/engine/inference/session.ts';
import type { InstalledModel } from '../../electron/engine/models/manifest.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import type { Measured } from './measured.ts';

export interface AloneQuestion {
  part: 'decode' | 'infer' | 'onnxruntime';
  modelId: string;
  paths: readonly string[];
  /** Pictures per `session.run`. */
  batchSize: number;
  /** Do the same a little before the clock starts; else everything is as cold as in a run that begins. */
  warm: boolean;
  /** Channels that groups are merged to; 0 leaves them. */
  mergeWidth: number;
}

/** The runtime lays out its memory in the first run of a size, and uses that layout from the second on. */
const warmRuns = 3;

type Infer = (pictures: readonly Uint8Array[]) => Promise<void>;

const registry = openRegistry(process.argv.slice(2));
const inferrers = new Map<string, Infer>();
const decoded = new Map<string, Uint8Array>();

async function decode(path: string, { manifest }: InstalledModel): Promise<Uint8Array> {
  const { rgb } = await prepare({ id: 1, path }, manifest);
  if (!rgb) throw new Error(`${path} cannot be decoded`);
  return rgb;
}

/** Decoded pictures are kept, so that only the first question about them takes long. */
async function decodeOnce(path: string, model: InstalledModel): Promise<Uint8Array> {
  const key = JSON.stringify([path, model.manifest.preprocess]);
  const rgb = decoded.get(key) ?? (await decode(path, model));
  decoded.set(key, rgb);
  return rgb;
}

async function openInferrer({ part, mergeWidth }: AloneQuestion, model: InstalledModel): Promise<Infer> {
  if (part === 'onnxruntime') return openPlain(model);
  const session = await openSession(model, { threads: 1, embeddings: true, provider: 'cpu', mergeWidth });
  return async (pictures) => {
    for (const output of await session.run(pictures)) topK(output!.scores, 5);
  };
}

/** As one writes it by hand: the session's own settings but for the one thread, all outputs, the same arithmetic around it. */
async function openPlain({ folder, manifest }: InstalledModel): Promise<Infer> {
  const session = await InferenceSession.create(join(folder, manifest.file), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const { name, width, height, type, layout } = manifest.input;
  const write = pixelWriter({ ...manifest.preprocess, type, layout });
  return async (pictures) => {
    const values = new Float32Array(pictures.length * 3 * width * height);
    pictures.forEach((rgb, row) => write(rgb, values, row));
    await session.run({ [name]: new Tensor('float32', values, [pictures.length, 3, height, width]) });
  };
}

async function inBatches(pictures: readonly Uint8Array[], size: number, infer: Infer): Promise<void> {
  for (let at = 0; at < pictures.length; at += size) await infer(pictures.slice(at, at + size));
}

/** What the question needs is loaded and decoded before the clock starts. */
async function measure(question: AloneQuestion): Promise<Measured> {
  const { part, modelId, paths, batchSize, mergeWidth, warm } = question;
  const model = await registry.get(modelId);
  let work = async (): Promise<void> => {
    for (const path of paths) await decode(path, model);
  };
  if (part === 'decode') {
    if (warm) await decode(paths[0]!, model);
  } else {
    const key = [part, modelId, mergeWidth].join();
    const known = inferrers.get(key);
    const infer = known ?? (await openInferrer(question, model));
    inferrers.set(key, infer);
    const pictures: Uint8Array[] = [];
    for (const path of paths) pictures.push(await decodeOnce(path, model));
    for (let run = 0; warm && run < warmRuns; run++) await infer(pictures.slice(0, batchSize));
    work = () => inBatches(pictures, batchSize, infer);
  }
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { images: paths.length, seconds, cpuSeconds: (user + system) / 1e6 };
}

console.log('{}');
for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await measure(JSON.parse(line) as AloneQuestion)));
}
// Sessions hold threads that would keep the process alive.
process.exit(0);
