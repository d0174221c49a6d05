/**
 * @file The parts alone, in a process of their own: `one-by-one` decodes and infers one picture after the other,
 * `decode` only decodes, `infer` only infers, eight at a time. Prints a `Measured` as JSON.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { topK } from '#core/scores.ts';
import { prepare } from '../../electron/engine/inference/classify.ts';
import { openSession } from '../../electron/engine/inference/session.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';

export interface Measured {
  images: number;
  seconds: number;
  /** User and system time, all threads. */
  cpuSeconds: number;
  peakMegabytes: number;
}

const [mode, folder] = process.argv.slice(2) as ['one-by-one' | 'decode' | 'infer', string];
const registry = openRegistry([join(import.meta.dirname, '../../models')]);
const model = await registry.get((await registry.defaultId())!);
const session = await openSession(model, { threads: 1, embeddings: true, provider: 'cpu' });
const images = (await readdir(folder)).sort().map((name, id) => ({ id, path: join(folder, name) }));

const decode = async (image: { id: number; path: string }) => {
  const { rgb } = await prepare(image, model.manifest);
  if (!rgb) throw new Error(`${image.path} cannot be decoded`);
  return rgb;
};
const infer = async (pictures: Uint8Array[]) => {
  for (const output of await session.run(pictures)) topK(output!.scores, 5);
};

const warm = await Promise.all(images.slice(0, 2).map(decode));
for (const rgb of warm) await infer([rgb]);
const batches: Uint8Array[][] = [];
if (mode === 'infer') {
  for (let at = 0; at < images.length; at += 8) {
    batches.push(await Promise.all(images.slice(at, at + 8).map(decode)));
  }
  await infer(batches[0]!);
}

const cpu = process.cpuUsage();
const startedMs = performance.now();
if (mode === 'infer') for (const batch of batches) await infer(batch);
else {
  for (const image of images) {
    const rgb = await decode(image);
    if (mode === 'one-by-one') await infer([rgb]);
  }
}
const seconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(cpu);
const measured: Measured = {
  images: images.length,
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
};
console.log(JSON.stringify(measured));
await session.release();
