/** @file Imports into a models folder of the test's own, and what an imported model says of the reference crops. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { ImportChoices, ImportProposal } from '../../electron/core/model-import.ts';
import { openImports, type Imports } from '../../electron/engine/models/import/imports.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { temporaryFolder } from './library.ts';

export interface TestImports {
  imports: Imports;
  /** Where the models go. */
  models: string;
  steps: string[];
}

export function openTestImports(): TestImports {
  const models = join(temporaryFolder(), 'models');
  const registry = openRegistry([models]);
  const steps: string[] = [];
  const imports = openImports({
    ownModels: models,
    takenIds: async () => (await registry.list()).map(({ id }) => id),
    onProgress: ({ step }) => steps.push(step),
  });
  onTestFinished(() => imports[Symbol.asyncDispose]());
  return { imports, models, steps };
}

/** The best proposals. */
export function accept(proposal: ImportProposal, changes: Partial<ImportChoices> = {}): ImportChoices {
  return {
    id: proposal.id,
    title: proposal.title,
    preprocess: proposal.preprocess[0]!.name,
    labels: proposal.labels[0]!.source,
    outputs: proposal.outputs === 'scores' ? 'scores' : 'logits',
    licence: '',
    ...changes,
  };
}

/**
 * Logits and features for crops of 224 × 224 pixels, as the original libraries were asked.
 *
 * @param crops  absolute paths
 */
export async function runOnCrops(
  onnx: string,
  crops: readonly string[],
): Promise<{ logits: number[][]; features: number[][] }> {
  const mean = [0.485, 0.456, 0.406];
  const std = [0.229, 0.224, 0.225];
  const plane = 224 * 224;
  const values = new Float32Array(crops.length * 3 * plane);
  for (const [row, crop] of crops.entries()) {
    const rgb = await sharp(crop).removeAlpha().raw().toBuffer();
    for (let at = 0; at < 3 * plane; at++) {
      const channel = at % 3;
      values[(row * 3 + channel) * plane + Math.floor(at / 3)] = (rgb[at]! / 255 - mean[channel]!) / std[channel]!;
    }
  }
  const session = await InferenceSession.create(onnx);
  const input = session.inputNames[0]!;
  const outputs = await session.run({ [input]: new Tensor('float32', values, [crops.length, 3, 224, 224]) });
  const rows = (name: string) => {
    const { data, dims } = outputs[name]!;
    return Array.from({ length: dims[0]! }, (_, row) =>
      Array.from((data as Float32Array).subarray(row * dims[1]!, (row + 1) * dims[1]!)),
    );
  };
  const [first = '', second = ''] = session.outputNames;
  await session.release();
  return { logits: rows(first), features: rows(second) };
}
