/** @file The weight files of `fixtures/weights`, unpacked where they are stored packed. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const fixtures = join(import.meta.dirname, '../fixtures/weights');
let folder: string | undefined;

/** The path of e.g. 'torchvision.pth'; unpacked ones live until this process ends. */
export function weightFixture(name: string): string {
  const stored = join(fixtures, name);
  if (existsSync(stored)) return stored;
  if (!folder) {
    const made = mkdtempSync(join(tmpdir(), 'labelwright-weights-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  const path = join(folder, name);
  if (!existsSync(path)) writeFileSync(path, gunzipSync(readFileSync(`${stored}.gz`)));
  return path;
}

export interface ReferenceModel {
  blocks: [number, number, number, number];
  cardinality: number;
  baseWidth: number;
  stem: 'plain' | 'deep';
  shortcut: 'convolution' | 'pool';
  parameters: number;
  /** One row of 10 for each photo. */
  logits: number[][];
  /** The first 8 of 2048 for each photo. */
  features: number[][];
}

/** What the original libraries compute; `photos` are file names in `fixtures/reference/torchvision-v1`. */
export function weightReference(): { photos: string[]; models: Record<string, ReferenceModel> } {
  return JSON.parse(readFileSync(join(fixtures, 'reference.json'), 'utf8')) as ReturnType<typeof weightReference>;
}

/** By file, then by tensor name, in the order of the file. */
export function expectedTensors(): Record<string, Record<string, { type: string; shape: number[]; sha256: string }>> {
  return JSON.parse(readFileSync(join(fixtures, 'tensors.json'), 'utf8')) as ReturnType<typeof expectedTensors>;
}
