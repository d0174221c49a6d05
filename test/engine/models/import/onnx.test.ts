import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { openRegistry } from '../../../../electron/engine/models/registry.ts';
import { accept, openTestImports } from '../../../support/imports.ts';
import { temporaryFolder } from '../../../support/library.ts';

const exported = (name: string) => new URL(`../../../fixtures/onnx-exports/${name}.onnx`, import.meta.url).pathname;

describe('any ONNX classifier', () => {
  test.each([
    ['logits', 'logits', 'NCHW', 'float32', null, true],
    ['softmax', 'scores', 'NCHW', 'float32', null, true],
    ['sigmoid', 'unknown', 'NCHW', 'float32', null, true],
    ['nhwc-uint8', 'logits', 'NHWC', 'uint8', null, true],
    ['three-outputs', 'logits', 'NCHW', 'float32', null, true],
    ['fixed-batch', 'logits', 'NCHW', 'float32', null, true],
    ['fixed-batch-view', 'logits', 'NCHW', 'float32', null, true],
  ] as const)('%s is recognised', async (name, outputs, layout, type, fixedRows, hasFeatures) => {
    const { imports } = openTestImports();
    const proposal = await imports.inspect(exported(name));

    expect(proposal).toMatchObject({ format: 'onnx', classCount: 7, outputs, fixedRows, hasFeatures });
    expect(proposal.input).toMatchObject({ layout, type });
    expect(proposal.labels.map(({ source }) => source)).toEqual(['numbers']);
    expect(proposal.preprocessSure).toBe(false);
  });

  test('imported, it is a model folder that the registry accepts and that gives the same logits', async () => {
    const { imports, models, steps } = openTestImports();
    const proposal = await imports.inspect(exported('fixed-batch'));
    const { modelId } = await imports.run(proposal.importId, accept(proposal));

    const model = await openRegistry([models]).get(modelId);
    expect(model.manifest).toMatchObject({
      outputs: { features: expect.any(String) },
      facts: { source: 'fixed-batch.onnx' },
    });
    expect(steps).toEqual(['converting', 'checking', 'finished']);
    expect(readdirSync(models).filter((entry) => !entry.startsWith('.'))).toEqual([modelId]);
    const pictures = Float32Array.from({ length: 4 * 3 * 32 * 32 }, (_, at) => Math.sin(at * 0.37));
    const original = await InferenceSession.create(exported('fixed-batch'));
    const ours = await InferenceSession.create(join(models, modelId, 'model.onnx'));
    const together = await ours.run({ input: new Tensor('float32', pictures, [4, 3, 32, 32]) });
    for (let row = 0; row < 4; row++) {
      const one = pictures.slice(row * 3 * 32 * 32, (row + 1) * 3 * 32 * 32);
      const { output } = await original.run({ input: new Tensor('float32', one, [1, 3, 32, 32]) });
      const found = (together['output']!.data as Float32Array).subarray(row * 7, (row + 1) * 7);
      (output!.data as Float32Array).forEach((value, at) => expect(found[at]).toBeCloseTo(value, 5));
    }
  });

  test('a batch that is not one keeps its size', async () => {
    const { imports } = openTestImports();
    const proposal = await imports.inspect(exported('fixed-batch-2'));

    expect([null, 2]).toContain(proposal.fixedRows);
  });

  test('a graph whose scores depend on the neighbours is refused', async () => {
    const { imports } = openTestImports();

    await expect(imports.inspect(exported('batch-mean'))).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringMatching(/with others/),
    });
  });

  test('half precision inputs are refused by name', async () => {
    const { imports } = openTestImports();

    await expect(imports.inspect(exported('half'))).rejects.toThrow(/"input" is float16 \[.*\]; pictures need/);
  });

  test('outputs that are no scores are not taken for scores', async () => {
    const { imports, models } = openTestImports();
    const proposal = await imports.inspect(exported('sigmoid'));

    const claim = imports.run(proposal.importId, accept(proposal, { outputs: 'scores' }));
    await expect(claim).rejects.toThrow(/do not sum to one/);
    expect(readdirSync(models).filter((entry) => !entry.startsWith('.'))).toEqual([]);
  });

  test('labels beside the file are proposed first, those of another length not at all', async () => {
    const { imports } = openTestImports();
    const folder = temporaryFolder();
    copyFileSync(exported('logits'), join(folder, 'model.onnx'));
    writeFileSync(join(folder, 'labels.txt'), 'a\nb\nc');
    writeFileSync(join(folder, 'classes.txt'), 'a\nb\nc\nd\ne\nf\ng\n');
    const proposal = await imports.inspect(folder);

    expect(proposal.labels[0]).toEqual({ source: 'file', count: 7, firstNames: ['a', 'b', 'c', 'd', 'e'] });
    expect(proposal.title).toBe(basename(folder));
  });

  test('a list of another length is refused with both numbers', async () => {
    const { imports } = openTestImports();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'three.txt'), 'a\nb\nc');
    const { importId } = await imports.inspect(exported('logits'));

    await expect(imports.setLabels(importId, join(folder, 'three.txt'))).rejects.toThrow(/has 3 labels.*7 classes/);
  });

  test('a preprocessing that makes another size is refused', async () => {
    const { imports } = openTestImports();
    const proposal = await imports.inspect(exported('logits'));

    const run = imports.run(proposal.importId, accept(proposal, { preprocess: 'torchvision-v2' }));
    await expect(run).rejects.toThrow(/makes 224 × 224 pixels, the model takes 32 × 32/);
  });

  test('an id that is taken is refused, and a second import proposes a free one', async () => {
    const { imports } = openTestImports();
    const first = await imports.inspect(exported('logits'));
    await imports.run(first.importId, accept(first));
    const second = await imports.inspect(exported('logits'));

    expect(second.id).toBe('logits-2');
    await expect(imports.run(second.importId, accept(second, { id: 'logits' }))).rejects.toThrow(/already/);
  });

  test('cancelled, nothing is left and the proposal is gone', async () => {
    const { imports, models } = openTestImports();
    const proposal = await imports.inspect(exported('logits'));
    const run = imports.run(proposal.importId, accept(proposal));
    imports.cancel(proposal.importId);

    await expect(run).rejects.toMatchObject({ code: 'aborted' });
    const left = existsSync(join(models, '.importing')) ? readdirSync(join(models, '.importing')) : [];
    expect(left).toEqual([]);
    await expect(imports.run(proposal.importId, accept(proposal))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('what a killed import left is removed by the next', async () => {
    const { imports, models } = openTestImports();
    const left = join(models, '.importing', '999999999-0123abcd');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'model.onnx'), 'half a model');
    const proposal = await imports.inspect(exported('logits'));
    await imports.run(proposal.importId, accept(proposal));

    expect(existsSync(left)).toBe(false);
  });
});

describe('files that are no models', () => {
  const corpus = new URL('../../../fixtures/corpus/onnx', import.meta.url).pathname;

  test.each(readdirSync(corpus).filter((name) => name !== 'valid-add-4.onnx'))(
    '%s ends in a sentence',
    async (name) => {
      const { imports } = openTestImports();
      const failure = await imports.inspect(join(corpus, name)).catch((error: unknown) => error);

      expect(failure).toMatchObject({ name: 'AppError', code: expect.stringMatching(/^model\./) });
      expect((failure as Error).message).toMatch(/^\S+ \S+ /);
    },
  );

  test.each([
    ['a photo', () => readFileSync(new URL('../../../fixtures/photos/cat-chelsea.jpg', import.meta.url))],
    ['a text', () => Buffer.from('hello world, this is no model\n'.repeat(50))],
    ['nothing', () => Buffer.alloc(0)],
    ['zeros', () => Buffer.alloc(5000)],
  ])('%s is refused', async (_, bytes) => {
    const { imports } = openTestImports();
    for (const extension of ['onnx', 'pth', 'safetensors', 'pdparams', 'pdmodel', 'json', 'tar']) {
      const path = join(temporaryFolder(), `file.${extension}`);
      writeFileSync(path, bytes());
      await expect(imports.inspect(path), extension).rejects.toMatchObject({
        code: expect.stringMatching(/^(model\.(unsupported|invalid|corrupt)|file\.missing)$/),
      });
    }
  });

  test('a text called .pth is told what was expected', async () => {
    const { imports } = openTestImports();
    const path = join(temporaryFolder(), 'notes.pth');
    writeFileSync(path, 'remember the milk\n'.repeat(40));

    await expect(imports.inspect(path)).rejects.toMatchObject({
      code: 'model.unsupported',
      message: 'notes.pth holds neither weights of PyTorch, safetensors or Paddle nor an ONNX model',
    });
  });

  test('a folder with two models asks for one of them', async () => {
    const { imports } = openTestImports();
    const folder = temporaryFolder();
    for (const name of ['logits', 'softmax']) copyFileSync(exported(name), join(folder, `${name}.onnx`));

    await expect(imports.inspect(folder)).rejects.toThrow(/several models.*logits\.onnx, softmax\.onnx/);
  });
});
