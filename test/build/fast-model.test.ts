/** @file The integer form of the bundled model: what lies there is what the script makes, and it is the model's own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkVariant, readVariant } from '../../electron/engine/models/fast/variant-file.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { prepare } from '../../electron/engine/inference/classify.ts';
import { openSession } from '../../electron/engine/inference/session.ts';
import { topK } from '../../electron/core/scores.ts';
import { nodePath } from '../cli/labelwright.ts';
import { samplePhotos } from '../support/pictures.ts';

const root = join(import.meta.dirname, '../..');
const registry = openRegistry([join(root, 'models')]);

test('it was made from the float file that lies there, passed, and has its best labels among its own', async () => {
  const model = await registry.get('resnext26-tags');
  const folder = join(model.folder, 'int8');
  const variant = (await readVariant(folder, model.manifest))!;
  await checkVariant(folder, variant);
  expect(variant.report).toMatchObject({ passed: true, keptFloat: ['classifier'] });
  expect(variant.report.imageCount).toBeGreaterThanOrEqual(300);

  const { sha256 } = variant;
  const integers = { ...model, folder, sha256, manifest: { ...model.manifest, sha256 } };
  const pictures = await Promise.all(samplePhotos.map((path) => prepare({ id: 0, path }, model.manifest)));
  const bests: number[][][] = [];
  for (const form of [model, integers]) {
    const session = await openSession(form, { threads: 1, embeddings: false, provider: 'cpu', mergeWidth: 32 });
    const outputs = await session.run(pictures.map(({ rgb }) => rgb!));
    bests.push(outputs.map((output) => topK(output!.scores, 2).map(({ index }) => index)));
    await session.release();
  }
  const [float, fast] = bests;
  // Some samples are ties of two labels.
  float!.forEach(([best], photo) => expect(fast![photo]).toContain(best));
}, 300_000);

test('the script makes it again', async () => {
  // It fails where more than a hundredth of the bytes differ.
  const { stdout } = await promisify(execFile)(nodePath, [join(root, 'build/fast-model.ts')]);
  expect(stdout).toMatch(/^float 48ddbae9/);
  expect(stdout).toMatch(/The same bytes|0\.\d+ % of the bytes differ/);
}, 600_000);
