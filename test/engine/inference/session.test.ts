import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExecutionProvider } from '../../../electron/core/providers.ts';
import { openSession, type ModelOutput, type Session } from '../../../electron/engine/inference/session.ts';
import type { InstalledModel } from '../../../electron/engine/models/manifest.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { channelModel } from '../../support/channel-model.ts';
import { temporaryFolder } from '../../support/library.ts';
import { channelMeans, writeModel } from '../../support/models.ts';
import { largestDifference } from '../../support/onnx-run.ts';
import { seededRandom } from '../../support/pictures.ts';
import { inIntegers, installed, smallResnext, smallSide } from '../../support/resnext-model.ts';

/** A provider that the runtime offers on no machine like this. */
const foreign: ExecutionProvider = process.platform === 'darwin' ? 'dml' : 'coreml';

async function open(
  onnx: Buffer,
  changes: Record<string, unknown> = {},
  options: { embeddings?: boolean; provider?: ExecutionProvider } = {},
): Promise<Session> {
  const models = temporaryFolder();
  writeModel(join(models, 'model'), onnx, changes);
  const model = await openRegistry([models]).get('means');
  return openSession(model, { threads: 1, embeddings: false, provider: 'cpu', mergeWidth: 0, ...options });
}

/** 8 × 8 pixels of one colour. */
function plain(...rgb: [number, number, number]): Uint8Array {
  return Uint8Array.from({ length: 8 * 8 * 3 }, (_, index) => rgb[index % 3]!);
}

const colours = [plain(240, 0, 0), plain(0, 240, 0), plain(0, 0, 240)];

/** Index of the best score for red, green and blue. */
async function winners(session: Session): Promise<(number | undefined)[]> {
  const outputs = await session.run(colours);
  await session.release();
  return outputs.map((output) => output?.scores.indexOf(Math.max(...output.scores)));
}

const input = (layout: string, type: string) => ({ name: 'input', layout, type, width: 8, height: 8 });
const preprocess = (channels: string, mean = 0.5) => ({
  shortSide: 8,
  cropWidth: 8,
  cropHeight: 8,
  channels,
  mean: [mean, mean, mean],
  std: [0.1, 0.1, 0.1],
});

describe('an input', () => {
  test.each(['NCHW', 'NHWC'] as const)(
    'of bytes or floats, RGB or BGR, is filled as the manifest says: %s',
    async (layout) => {
      for (const type of ['float32', 'uint8'] as const) {
        for (const channels of ['rgb', 'bgr']) {
          const onnx = channelModel({ layout, type });
          const session = await open(onnx, { input: input(layout, type), preprocess: preprocess(channels) });
          const expected = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
          expect.soft(await winners(session), `${type} ${channels}`).toEqual(expected);
        }
      }
    },
  );

  test('of bytes gets them as they are', async () => {
    const onnx = channelModel({ layout: 'NCHW', type: 'uint8' });
    const changes = { input: input('NCHW', 'uint8'), outputs: { logits: 'logits', features: 'logits' } };
    const session = await open(onnx, changes, { embeddings: true });
    const [output] = await session.run([plain(200, 100, 3)]);
    await session.release();

    expect([...output!.features!]).toEqual([200, 100, 3]);
  });

  test.each([
    ['bytes where floats are promised', channelModel({ layout: 'NCHW', type: 'uint8' }), input('NCHW', 'float32')],
    ['floats where bytes are promised', channelModel({ layout: 'NHWC', type: 'float32' }), input('NHWC', 'uint8')],
    ['another layout', channelModel({ layout: 'NHWC', type: 'float32' }), input('NCHW', 'float32')],
    ['the layout the other way round', channelModel({ layout: 'NCHW', type: 'float32' }), input('NHWC', 'float32')],
  ])('that does not fit the manifest is named: %s', async (_, onnx, wrong) => {
    await expect(open(onnx, { input: wrong })).rejects.toMatchObject({
      code: 'model.invalid',
      message: expect.stringMatching(/^The input is \w+ \[.*8, .*\] instead of \w+ \[N, .*8, .*\]$/) as string,
    });
  });
});

describe('an output', () => {
  test('of the shape [N, C, 1, 1] counts as [N, C]', async () => {
    const session = await open(channelModel({ layout: 'NCHW', type: 'float32', flat: false }));

    expect(await winners(session)).toEqual([0, 1, 2]);
  });

  test('with more than one value a category is refused', async () => {
    const onnx = channelModel({ layout: 'NCHW', type: 'float32', pooled: false });

    await expect(open(onnx)).rejects.toMatchObject({
      code: 'model.invalid',
      message: 'Output "logits" is float32 [1, 3, 8, 8] instead of float32 [1, …]',
    });
  });
});

describe('a provider', () => {
  test('that takes no session is named with the runtime’s reason, and nothing runs on cpu instead', async () => {
    await expect(open(channelMeans(), {}, { provider: foreign })).rejects.toMatchObject({
      code: 'provider.failed',
      message: expect.stringMatching(new RegExp(`^The model does not run on ${foreign}: .*\\w+`)) as string,
      details: { provider: foreign },
    });
  });

  test('is not to blame for a file that was changed', async () => {
    const models = temporaryFolder();
    writeModel(join(models, 'model'), channelMeans());
    const model = await openRegistry([models]).get('means');
    const options = { threads: 1, embeddings: false, provider: foreign, mergeWidth: 0 };

    await expect(openSession({ ...model, sha256: '0'.repeat(64) }, options)).rejects.toMatchObject({
      code: 'model.corrupt',
    });
  });
});

describe('merged groups', () => {
  const random = seededRandom(7);
  const pictures = Array.from({ length: 3 }, () =>
    Uint8Array.from({ length: smallSide * smallSide * 3 }, () => 256 * random()),
  );

  async function outputsOf(
    model: InstalledModel,
    mergeWidth: number,
    rgb: readonly Uint8Array[] = pictures,
  ): Promise<ModelOutput[]> {
    const session = await openSession(model, { threads: 1, embeddings: true, provider: 'cpu', mergeWidth });
    const outputs = await session.run(rgb);
    await session.release();
    return outputs.map((output) => output!);
  }

  test('give the same scores and features to 1e-5', async () => {
    const model = await installed(smallResnext());
    const [before, after] = [await outputsOf(model, 0), await outputsOf(model, 16)];

    for (const [row, { scores, features }] of before.entries()) {
      expect(largestDifference(after[row]!.scores, scores)).toBeLessThan(1e-5);
      expect(largestDifference(after[row]!.features!, features!)).toBeLessThan(1e-5);
    }
    expect(after).not.toEqual(before); // they were merged: sums in another order
  });

  test('give the same bits in integers', async () => {
    const model = await installed(inIntegers(smallResnext()));
    const before = await outputsOf(model, 0);

    expect(new Set(before.map(({ scores }) => scores[0])).size).toBe(3);
    expect(await outputsOf(model, 32)).toEqual(before);
    expect(await outputsOf(model, 64)).toEqual(before);
  });

  test('change nothing where there is nothing to merge: the bundled model', async () => {
    const bundled = await openRegistry([new URL('../../../models', import.meta.url).pathname]).get('resnext26-tags');
    const { width, height } = bundled.manifest.input;
    const noise = Uint8Array.from({ length: width * height * 3 }, () => 256 * random());
    const [before] = await outputsOf(bundled, 0, [noise]);
    const [after] = await outputsOf(bundled, 16, [noise]);

    expect(largestDifference(after!.scores, before!.scores)).toBeLessThan(1e-5);
  });

  test('are no reason to keep or take pictures, which may lie in shared memory', async () => {
    const model = await installed(smallResnext());
    const shared = pictures.map((rgb) => {
      const copy = new Uint8Array(new SharedArrayBuffer(rgb.length));
      copy.set(rgb);
      return copy;
    });

    expect(await outputsOf(model, 16, shared)).toEqual(await outputsOf(model, 16));
    expect(shared.map((rgb) => Uint8Array.from(rgb))).toEqual(pictures);
  });
});

describe('outputs of a run', () => {
  test('stay as they are when the next one comes, with as many pictures or not', async () => {
    const onnx = channelMeans({ after: ['Softmax'] });
    const changes = { outputs: { scores: 'logits', features: 'logits' } };
    const session = await open(onnx, changes, { embeddings: true });
    const first = await session.run(colours);
    const kept = first.map((output) => ({ scores: output!.scores.slice(), features: output!.features!.slice() }));
    const second = await session.run([...colours].reverse());
    const third = await session.run(colours.slice(0, 2));
    await session.release();

    expect(first).toEqual(kept);
    expect(second).toEqual([...kept].reverse());
    expect(third).toEqual(kept.slice(0, 2));
  });
});
