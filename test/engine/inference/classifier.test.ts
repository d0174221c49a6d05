import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openClassifier,
  type Classifier,
  type ClassifierOptions,
} from '../../../electron/engine/inference/classifier.ts';
import type { Classified, ImageToClassify } from '../../../electron/engine/inference/protocol.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { channelMeans, writeModel } from '../../support/models.ts';
import { samplePhotos } from '../../support/pictures.ts';

const plain: ClassifierOptions = { threads: 1, embeddings: false, provider: 'cpu' };

let folder: string;
let colours: ImageToClassify[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'classifier-'));
  mkdirSync(join(folder, 'pictures'));
  colours = await Promise.all(
    ['#f00000', '#00f000', '#0000f0'].map(async (background, index) => {
      const path = join(folder, 'pictures', `${index}.png`);
      const picture = sharp({ create: { width: 20, height: 30, channels: 3, background } });
      writeFileSync(path, await picture.png().toBuffer());
      return { id: index + 1, path };
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A classifier over a model written for the purpose. */
async function openMade(
  name: string,
  onnx: Buffer,
  changes: Record<string, unknown> = {},
  options: Partial<ClassifierOptions> = {},
  labels?: object[],
): Promise<Classifier> {
  const models = join(folder, name);
  writeModel(join(models, 'model'), onnx, changes, labels);
  return openClassifier(await openRegistry([models]).get('means'), { ...plain, ...options });
}

function indexes(images: Classified[]): (number | string)[] {
  return images.map((image) => (image.ok ? image.ranked[0]!.index : image.code));
}

describe('a batch', () => {
  test('comes back in order, with facts, ranks and margin', async () => {
    await using classifier = await openMade('order', channelMeans());
    const images = await classifier.classify(colours, { topK: 2 });

    expect(indexes(images)).toEqual([0, 1, 2]);
    const [red] = images;
    expect(red).toMatchObject({ id: 1, ok: true, width: 20, height: 30, format: 'png', features: null });
    expect(red!.contentHash).toMatch(/^[0-9a-f]{32}$/);
    expect(red!.sizeBytes).toBe(readFileSync(colours[0]!.path).length);
    // Means are (0.941 − 0.5) / 0.1 and (0 − 0.5) / 0.1: softmax leaves the others e^-9.4 of the best.
    expect(red).toMatchObject({ ranked: [{ index: 0, score: expect.closeTo(0.9998, 3) as number }, {}] });
    expect(red!.ok && red!.margin).toBeCloseTo(0.9997, 3);
  });

  test('with bad pictures in it labels the others', async () => {
    await using classifier = await openMade('bad', channelMeans());
    const text = join(folder, 'text.jpg');
    writeFileSync(text, 'nothing to see');
    const images = await classifier.classify(
      [{ id: 7, path: text }, colours[1]!, { id: 9, path: join(folder, 'gone.jpg') }],
      { topK: 1 },
    );

    expect(indexes(images)).toEqual(['image.unreadable', 1, 'file.missing']);
    expect(images[0]).toMatchObject({ id: 7, sizeBytes: 14, width: null });
    expect(images[2]).toMatchObject({ id: 9, sizeBytes: null });
  });

  test('of bad pictures only needs no session', async () => {
    await using classifier = await openMade('only-bad', channelMeans());

    expect(indexes(await classifier.classify([{ id: 1, path: folder }], { topK: 1 }))).toEqual(['file.not-regular']);
    expect(await classifier.classify([], { topK: 1 })).toEqual([]);
  });

  test('does not depend on its size or its neighbours', async () => {
    const registry = openRegistry([new URL('../../../models', import.meta.url).pathname]);
    const model = await registry.get((await registry.defaultId())!);
    await using classifier = await openClassifier(model, plain);
    const images = samplePhotos.map((path, index) => ({ id: index, path }));
    const together = await classifier.classify(images, { topK: 3 });

    for (const image of images) {
      const alone = (await classifier.classify([image], { topK: 3 }))[0]!;
      const neighbour = together[image.id]!;
      if (!alone.ok || !neighbour.ok) throw new Error(`${image.path} was refused`);
      expect(alone.ranked.map(({ index }) => index)).toEqual(neighbour.ranked.map(({ index }) => index));
      expect(alone.margin).toBeCloseTo(neighbour.margin, 4);
    }
  });
});

describe('several batches at once', () => {
  test('are all answered, each with its own images', async () => {
    await using classifier = await openMade('several', channelMeans());
    const batches = [colours, colours.toReversed(), colours.slice(1)];
    const answers = await Promise.all(batches.map((batch) => classifier.classify(batch, { topK: 1 })));

    expect(answers.map(indexes)).toEqual([
      [0, 1, 2],
      [2, 1, 0],
      [1, 2],
    ]);
  });

  test('a cancelled one rejects at once and leaves the others alone', async () => {
    await using classifier = await openMade('cancelled', channelMeans());
    const control = new AbortController();
    const first = classifier.classify(colours, { topK: 1 });
    const second = classifier.classify(colours, { topK: 1, signal: control.signal });
    const third = classifier.classify(colours, { topK: 1 });
    control.abort();

    await expect(second).rejects.toMatchObject({ code: 'aborted' });
    expect(indexes(await first)).toEqual([0, 1, 2]);
    expect(indexes(await third)).toEqual([0, 1, 2]);
    await expect(classifier.classify(colours, { topK: 1, signal: control.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
  });

  test('are finished before the worker stops, and later ones fail', async () => {
    const classifier = await openMade('stopping', channelMeans());
    const waiting = classifier.classify(colours, { topK: 1 });
    await classifier[Symbol.asyncDispose]();

    expect(indexes(await waiting)).toEqual([0, 1, 2]);
    await expect(classifier.classify(colours, { topK: 1 })).rejects.toMatchObject({ code: 'inference.failed' });
  });
});

describe('several sessions', () => {
  test('share the batches, which are answered in order all the same', async () => {
    await using classifier = await openMade('sessions', channelMeans(), {}, { sessions: 2, batchSize: 2 });
    expect(classifier.batchesAhead).toBe(5);
    const order: number[] = [];
    const batches = Array.from({ length: 30 }, (_, at) => (at % 2 ? colours.slice(0, 2) : colours.slice(1)));
    const answers = await Promise.all(
      batches.map(async (batch, at) => {
        const answer = await classifier.classify(batch, { topK: 1 });
        order.push(at);
        return answer;
      }),
    );

    expect(answers.map(indexes)).toEqual(batches.map((_, at) => (at % 2 ? [0, 1] : [1, 2])));
    expect(order).toEqual(batches.map((_, at) => at));
  });

  test('run batches larger than asked for in portions', async () => {
    await using classifier = await openMade('portions', channelMeans(), {}, { sessions: 2, batchSize: 2 });
    const many = Array.from({ length: 33 }, (_, at) => ({ ...colours[at % 3]!, id: at }));
    const images = await classifier.classify(many, { topK: 1 });

    expect(images.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
    expect(indexes(images)).toEqual(many.map((_, at) => at % 3));
  });

  test('none is left waiting by a cancelled batch, wherever it was', async () => {
    await using classifier = await openMade('cancel many', channelMeans(), {}, { sessions: 2, batchSize: 3 });
    const controls = Array.from({ length: 40 }, () => new AbortController());
    const answers = controls.map(({ signal }) => classifier.classify(colours, { topK: 1, signal }));
    await Promise.race(answers);
    for (const [at, control] of controls.entries()) if (at % 3 === 0) control.abort();
    const settled = await Promise.allSettled(answers);

    for (const [at, answer] of settled.entries()) {
      if (answer.status === 'fulfilled') expect(indexes(answer.value)).toEqual([0, 1, 2]);
      else expect([at % 3, answer.reason]).toMatchObject([0, { code: 'aborted' }]);
    }
    expect(indexes(await classifier.classify(colours, { topK: 1 }))).toEqual([0, 1, 2]);
  });

  test('become one and several again in the middle of the work, and nothing is lost', async () => {
    await using classifier = await openMade('gentle', channelMeans(), {}, { sessions: 2, batchSize: 2 });
    const answers: Promise<Classified[]>[] = [];
    for (const gentle of [true, false, true, true, false]) {
      for (let again = 0; again < 8; again++) answers.push(classifier.classify(colours, { topK: 1 }));
      classifier.setGentle(gentle);
      await answers.at(-3);
    }

    expect((await Promise.all(answers)).map(indexes)).toEqual(answers.map(() => [0, 1, 2]));
  });

  test('that cannot be loaded again fail what waits for them', async () => {
    const models = join(folder, 'lost model');
    writeModel(join(models, 'model'), channelMeans());
    await using classifier = await openClassifier(await openRegistry([models]).get('means'), plain);
    rmSync(join(models, 'model', 'model.onnx'));
    classifier.setGentle(true);
    await Promise.resolve();

    await expect(classifier.classify(colours, { topK: 1 })).rejects.toMatchObject({ code: 'model.not-found' });
    await expect(classifier.classify(colours, { topK: 1 })).rejects.toMatchObject({ code: 'model.not-found' });
  });
});

test('a worker that dies fails every waiting request, and every later one', async () => {
  await using classifier = await openMade('dying', channelMeans());
  const waiting = classifier.classify(colours, { topK: 1 });
  // Nothing catches what goes wrong in taking a message: the thread ends, as it would from a bug.
  const deadly = classifier.classify([null as never], { topK: 1 });

  const [first, second] = await Promise.allSettled([waiting, deadly]);
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'inference.failed' } });
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'inference.failed' } });
  await expect(classifier.classify(colours, { topK: 1 })).rejects.toMatchObject({ code: 'inference.failed' });
});

describe('what the manifest says', () => {
  test('softmax is not done twice', async () => {
    const outputs = { scores: 'logits' };
    await using twice = await openMade('softmax', channelMeans({ after: ['Softmax'] }), { outputs });
    await using once = await openMade('no-softmax', channelMeans());
    const [inGraph] = await twice.classify(colours, { topK: 3 });
    const [inCode] = await once.classify(colours, { topK: 3 });

    expect(inGraph!.ok && inCode!.ok && Math.abs(inGraph!.ranked[0]!.score - inCode!.ranked[0]!.score)).toBeLessThan(
      1e-5,
    );
  });

  test('a temperature softens the scores', async () => {
    await using classifier = await openMade('temperature', channelMeans(), { temperature: 20 });
    const [red] = await classifier.classify(colours, { topK: 1 });

    // e^(9.41 / 20) = 1.601 against 1 and 1
    expect(red).toMatchObject({ ranked: [{ index: 0, score: expect.closeTo(1.601 / 3.601, 3) as number }] });
    expect(red).toMatchObject({ parent: { name: 'colour', score: expect.closeTo(1, 5) as number } });
  });

  test('features come as float32 of their own when asked for, else not', async () => {
    const outputs = { logits: 'logits', features: 'logits' };
    await using asked = await openMade('features', channelMeans(), { outputs }, { embeddings: true });
    await using unasked = await openMade('no-features', channelMeans(), { outputs });
    const [first, second] = await asked.classify(colours, { topK: 1 });
    const [plainly] = await unasked.classify(colours, { topK: 1 });

    expect(first!.ok && first!.features).toBeInstanceOf(Float32Array);
    expect(first!.ok && [...first!.features!].map(Math.round)).toEqual([4, -5, -5]);
    expect(second!.ok && [...second!.features!].map(Math.round)).toEqual([-5, 4, -5]);
    expect(first!.ok && first!.features!.buffer.byteLength).toBe(12);
    expect(plainly!.ok && plainly!.features).toBeNull();
  });

  test('a graph with a fixed number of rows is fed in portions', async () => {
    await using classifier = await openMade('fixed', channelMeans({ rows: 2 }));

    expect(indexes(await classifier.classify(colours, { topK: 1 }))).toEqual([0, 1, 2]);
  });
});

describe('a model that does not fit is refused when it is opened', () => {
  test.each<[string, string, Buffer, Record<string, unknown>, object[] | undefined]>([
    ['too few labels', 'model.invalid', channelMeans(), {}, [{ name: 'red' }, { name: 'green' }]],
    ['no such output', 'model.invalid', channelMeans(), { outputs: { logits: 'nowhere' } }, undefined],
    ['no such input', 'model.invalid', channelMeans(), inputOf('nowhere', 8), undefined],
    ['another input size', 'model.invalid', channelMeans({ side: 9 }), {}, undefined],
    ['not a number', 'inference.failed', channelMeans({ after: ['Sqrt'] }), { preprocess: dark() }, undefined],
    ['scores that are none', 'inference.failed', channelMeans(), { outputs: { scores: 'logits' } }, undefined],
    ['an operator nobody knows', 'model.invalid', channelMeans({ after: ['Flummox'] }), {}, undefined],
  ])('%s', async (name, code, onnx, changes, labels) => {
    await expect(openMade(`unfit ${name}`, onnx, changes, {}, labels)).rejects.toMatchObject({ code });
  });

  test('a file that was swapped after its check', async () => {
    const models = join(folder, 'swapped');
    writeModel(join(models, 'model'), channelMeans());
    const model = await openRegistry([models]).get('means');
    writeFileSync(join(models, 'model', 'model.onnx'), channelMeans({ after: ['Neg'] }));

    await expect(openClassifier(model, plain)).rejects.toMatchObject({ code: 'model.corrupt' });
  });
});

test('a single picture without finite scores is refused, not the batch', async () => {
  // The square root of anything darker than the mean is not a number; the grey of the self-test is lighter.
  const preprocess = { ...dark(), mean: [0.2, 0.2, 0.2] };
  await using classifier = await openMade('nan', channelMeans({ after: ['Sqrt'] }), { preprocess });
  const white = join(folder, 'white.png');
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#ffffff' } });
  writeFileSync(white, await picture.png().toBuffer());

  expect(indexes(await classifier.classify([colours[0]!, { id: 5, path: white }], { topK: 1 }))).toEqual([
    'inference.failed',
    0,
  ]);
});

function inputOf(name: string, side: number) {
  return { input: { name, layout: 'NCHW', width: side, height: side } };
}

/** A mean above the grey of the self-test. */
function dark() {
  return { shortSide: 8, cropWidth: 8, cropHeight: 8, mean: [0.9, 0.9, 0.9], std: [1, 1, 1] };
}
