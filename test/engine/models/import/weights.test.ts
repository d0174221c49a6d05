import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../../electron/engine/models/manifest.ts';
import { openRegistry } from '../../../../electron/engine/models/registry.ts';
import { accept, openTestImports, runOnCrops } from '../../../support/imports.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { fixture } from '../../../support/pictures.ts';
import { weightFixture, weightReference } from '../../../support/weights.ts';

const { photos, models: references } = weightReference();
const crops = photos.map((name) => fixture('reference/torchvision-v1', name.replace(/\.\w+$/, '.webp')));

/** Largest difference, by place. */
function farthest(found: number[][], wanted: number[][]): number {
  const differences = wanted.flatMap((row, at) => row.map((value, place) => Math.abs(value - found[at]![place]!)));
  return Math.max(...differences);
}

describe('files saved by the original libraries', () => {
  test.each([
    ['torchvision.pth', 'pytorch', 'torchvision'],
    ['torchvision-half.legacy.pth', 'pytorch-legacy', 'torchvision'],
    ['timm-half.safetensors', 'safetensors', 'torchvision'],
    ['timm-d.safetensors', 'safetensors', 'timm'],
    ['torchvision.onnx', 'onnx', null],
  ])(
    '%s becomes a model with the logits of the original',
    async (name, format, naming) => {
      const { imports, models } = openTestImports();
      const proposal = await imports.inspect(weightFixture(name));
      const reference = references[name === 'torchvision.onnx' ? 'torchvision.pth' : name]!;

      expect(proposal).toMatchObject({ format, naming, classCount: 10, outputs: 'logits', fixedRows: null });
      expect(proposal.architecture).toMatch(/_4x4d$/);
      expect(proposal.hasFeatures).toBe(true);
      // The exporter has folded BatchNorms into biases.
      if (format !== 'onnx') expect(proposal.parameterCount).toBe(reference.parameters);
      const { modelId } = await imports.run(proposal.importId, accept(proposal, { preprocess: 'torchvision-v1' }));
      const found = await runOnCrops(join(models, modelId, 'model.onnx'), crops);
      expect(farthest(found.logits, reference.logits)).toBeLessThan(1e-4);
      expect(farthest(found.features, reference.features)).toBeLessThan(1e-3);
    },
    60_000,
  );

  test('the same weights count the same from .pth and .onnx', async () => {
    const { imports } = openTestImports();
    const fromWeights = await imports.inspect(weightFixture('torchvision.pth'));
    const fromGraph = await imports.inspect(weightFixture('torchvision.onnx'));

    expect(fromGraph.architecture).toBe(fromWeights.architecture);
    expect(fromGraph.macCount! / fromWeights.macCount!).toBeCloseTo(1, 2);
  });

  test.each([
    ['module.pth', /__main__|torch\.nn|class/],
    ['script.pt', /TorchScript/],
    ['checkpoint.pth', /ResNeXt|tensor/],
  ])('%s is refused in words', async (name, message) => {
    const { imports } = openTestImports();

    await expect(imports.inspect(weightFixture(name))).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringMatching(message),
    });
  });
});

describe('how pictures were prepared', () => {
  async function proposalsFor(name: string, beside: Record<string, string> = {}) {
    const { imports } = openTestImports();
    const folder = join(temporaryFolder(), 'weights');
    mkdirSync(folder);
    copyFileSync(weightFixture('timm-half.safetensors'), join(folder, name));
    for (const [file, text] of Object.entries(beside)) writeFileSync(join(folder, file), text);
    return imports.inspect(join(folder, name));
  }

  test.each([
    ['resnext50_32x4d-7cdf4587.safetensors', 'torchvision-v1', 256],
    ['resnext50_32x4d-1a0047aa.safetensors', 'torchvision-v2', 232],
    ['resnext50_32x4d.a1h_in1k.safetensors', 'timm:resnext50_32x4d.a1h_in1k', 235],
  ])('%s names it', async (name, preset, shortSide) => {
    const proposal = await proposalsFor(name);

    expect(proposal.preprocess[0]).toMatchObject({ name: preset, preprocess: { shortSide } });
    expect(proposal.preprocessSure).toBe(true);
  });

  test('a file that says nothing gets the common ones, and says that it is a guess', async () => {
    const proposal = await proposalsFor('best.safetensors');

    expect(proposal.preprocess.map(({ name }) => name)).toEqual([
      'torchvision-v2',
      'torchvision-v1',
      'paddleclas',
      'custom',
    ]);
    expect(proposal.preprocessSure).toBe(false);
  });

  test("timm's config beside the file states it", async () => {
    const config = {
      input_size: [3, 160, 160],
      crop_pct: 0.95,
      interpolation: 'bicubic',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    };
    const proposal = await proposalsFor('model.safetensors', {
      'config.json': JSON.stringify({ architecture: 'x', pretrained_cfg: config }),
    });

    expect(proposal.preprocess[0]).toMatchObject({
      name: 'custom',
      preprocess: { shortSide: 168, cropWidth: 160, kernel: 'cubic', mean: [0.5, 0.5, 0.5] },
    });
    expect(proposal.title).toBe('weights');
  });

  test('the size of the crop becomes the size of the input', async () => {
    const { imports, models } = openTestImports();
    const proposal = await imports.inspect(weightFixture('timm-half.safetensors'));
    const preprocess = { ...proposal.preprocess[0]!.preprocess, shortSide: 100, cropWidth: 96, cropHeight: 96 };
    const { modelId } = await imports.run(proposal.importId, accept(proposal, { preprocess, licence: 'MIT' }));

    const { manifest } = await openRegistry([models]).get(modelId);
    expect(manifest).toMatchObject({ input: { width: 96, height: 96 }, licence: 'MIT', family: 'ResNeXt' });
    const written = JSON.parse(readFileSync(join(models, modelId, 'model.json'), 'utf8')) as Manifest;
    expect(written.facts.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
