import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { elementCount, type LazyTensor } from '#core/tensor.ts';
import { buildResnext, type BuildOptions } from '../../../../electron/engine/models/onnx/build.ts';
import { writeOnnx } from '../../../../electron/engine/models/onnx/write.ts';
import type { Architecture } from '../../../../electron/engine/models/resnext/architecture.ts';
import { architectureName, parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { recogniseResnext } from '../../../../electron/engine/models/resnext/recognise.ts';
import { openWeights } from '../../../../electron/engine/models/weights/index.ts';
import { runOnCrops } from '../../../support/imports.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { fixture } from '../../../support/pictures.ts';
import { weightFixture, weightReference } from '../../../support/weights.ts';

type Tensors = ReadonlyMap<string, LazyTensor>;

async function written(architecture: Architecture, tensors: Tensors, options: BuildOptions): Promise<string> {
  const path = join(temporaryFolder(), 'model.onnx');
  await writeOnnx(path, buildResnext(architecture, tensors, options));
  return path;
}

/** As little work and memory for the runtime as it can do with: nothing is optimized, so nothing is folded by it either. */
async function opened(path: string) {
  const session = await InferenceSession.create(path, {
    intraOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    enableCpuMemArena: false,
    extra: { session: { disable_prepacking: '1' } },
  });
  onTestFinished(() => session.release());
  return session;
}

/** @param pictures  shape [rows, 3, side, side] */
async function run(session: InferenceSession, pictures: Float32Array, side: number) {
  const rows = pictures.length / (3 * side * side);
  const { logits, features } = await session.run({ input: new Tensor('float32', pictures, [rows, 3, side, side]) });
  return { logits: logits!.data as Float32Array, features: features!.data as Float32Array, dims: logits!.dims };
}

function waves(rows: number, side: number): Float32Array {
  return Float32Array.from({ length: rows * 3 * side * side }, (_, index) => Math.sin(index * 0.37));
}

function farthest(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  return Array.from(found, (value, at) => Math.abs(value - wanted[at]!)).reduce(
    (left, right) => Math.max(left, right),
    0,
  );
}

function operatorCounts(architecture: Architecture, foldBatchNorm: boolean): Record<string, number> {
  const { graph } = buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm, side: 224 });
  const counts: Record<string, number> = {};
  for (const { operator } of graph.nodes) counts[operator] = (counts[operator] ?? 0) + 1;
  return counts;
}

describe('the graph', () => {
  test('has a free batch, logits and features, and nodes as the layers are', () => {
    const resnext50 = parseArchitecture('ResNeXt50_32x4d')!;
    const { irVersion, opsets, graph } = buildResnext(resnext50, randomTensors(resnext50, 1), {
      foldBatchNorm: false,
      side: 288,
    });

    expect([irVersion, opsets.get('')]).toEqual([8, 17]);
    expect(graph.inputs).toEqual([{ name: 'input', type: 'float32', shape: ['N', 3, 288, 288] }]);
    expect(graph.outputs).toEqual([
      { name: 'logits', type: 'float32', shape: ['N', 1000] },
      { name: 'features', type: 'float32', shape: ['N', 2048] },
    ]);
    const layers = { Relu: 49, MaxPool: 1, Add: 16, GlobalAveragePool: 1, Flatten: 1, Gemm: 1 };
    expect(operatorCounts(resnext50, false)).toEqual({ Conv: 53, BatchNormalization: 53, ...layers });
    expect(operatorCounts(resnext50, true)).toEqual({ Conv: 53, ...layers });
  });

  test('of a vd has three convolutions in the stem and three pooled shortcuts', () => {
    const counts = operatorCounts(parseArchitecture('ResNeXt50_vd_32x4d')!, true);

    expect(counts).toMatchObject({ Conv: 55, Relu: 51, AveragePool: 3 });
  });

  test('no number is read while it is built, and one tensor at a time while it is written', async () => {
    const architecture = parseArchitecture('ResNeXt[1,1,1,1]_8x4d')!;
    const reads: string[] = [];
    const tensors = new Map(
      Array.from(randomTensors(architecture, 1), ([name, tensor]) => {
        return [name, { ...tensor, bytes: () => (reads.push(name), tensor.bytes()) }] as const;
      }),
    );
    const model = buildResnext(architecture, tensors, { foldBatchNorm: true, side: 64 });
    expect(reads).toEqual([]);

    const path = join(temporaryFolder(), 'model.onnx');
    await writeOnnx(path, model);
    for (const [name, { shape }] of tensors) {
      if (shape.length > 1) expect(reads.filter((read) => read === name)).toHaveLength(1);
    }
    const stored = Array.from(model.graph.initializers.values(), ({ shape }) => elementCount(shape) * 4);
    expect(statSync(path).size / stored.reduce((sum, size) => sum + size, 0)).toBeCloseTo(1, 3);
  });

  test('a tensor that is missing is named', () => {
    const architecture = parseArchitecture('ResNeXt[1,1,1,1]_8x4d')!;
    const tensors = randomTensors(architecture, 1);
    tensors.delete('layer3.0.bn2.running_var');

    expect(() => buildResnext(architecture, tensors, { foldBatchNorm: true, side: 64 })).toThrow(
      expect.objectContaining({
        code: 'model.invalid',
        message: expect.stringContaining('"layer3.0.bn2.running_var"'),
      }),
    );
  });
});

const depths = ['50', '101', '152'];
const variants = depths.flatMap((depth) =>
  ['', '_vd'].flatMap((style) => ['32x4d', '64x4d'].map((groups) => `ResNeXt${depth}${style}_${groups}`)),
);

test.each(variants)(
  '%s with random weights runs, and a picture alone gives what it gives in a batch',
  async (name) => {
    const side = 64;
    const architecture = parseArchitecture(name)!;
    const session = await opened(
      await written(architecture, randomTensors(architecture, 7), { foldBatchNorm: true, side }),
    );
    const pictures = waves(4, side);

    const batch = await run(session, pictures, side);
    expect(batch.dims).toEqual([4, 1000]);
    expect(farthest(batch.logits, new Float32Array(4000))).toBeGreaterThan(1);
    const size = 3 * side * side;
    for (let row = 0; row < 4; row++) {
      const alone = await run(session, pictures.subarray(row * size, (row + 1) * size), side);
      expect(farthest(alone.logits, batch.logits.subarray(row * 1000, (row + 1) * 1000))).toBeLessThan(1e-5);
      expect(farthest(alone.features, batch.features.subarray(row * 2048, (row + 1) * 2048))).toBeLessThan(1e-5);
    }
  },
  120_000,
);

test.each([
  ['ResNeXt50_32x4d', 224],
  ['ResNeXt50_vd_32x4d', 64],
  ['ResNeXt101_64x4d', 64],
  ['ResNeXt26_vc_16x8d', 97],
])(
  '%s at %i pixels computes the same with normalization folded and not',
  async (name, side) => {
    const architecture = { ...parseArchitecture(name)!, classCount: 100 };
    const outputs = [];
    for (const foldBatchNorm of [true, false]) {
      const path = await written(architecture, randomTensors(architecture, 9), { foldBatchNorm, side });
      outputs.push(await run(await opened(path), waves(2, side), side));
    }

    const [folded, unfolded] = outputs;
    expect(farthest(folded!.logits, unfolded!.logits)).toBeLessThan(1e-4);
    expect(farthest(folded!.features, unfolded!.features)).toBeLessThan(1e-4);
    const size = folded!.logits.length / 2;
    expect(farthest(folded!.logits.subarray(0, size), folded!.logits.subarray(size))).toBeGreaterThan(1e-3);
  },
  120_000,
);

describe('weights saved by the original libraries', () => {
  const { photos, models } = weightReference();
  const crops = photos.map((name) => fixture('reference/torchvision-v1', name.replace(/\.\w+$/, '.webp')));

  test.each([
    ['torchvision.pth', 'ResNeXt[1,1,1,1]_4x4d'],
    ['torchvision-half.legacy.pth', 'ResNeXt[1,1,1,1]_4x4d'],
    ['timm-half.safetensors', 'ResNeXt[1,1,1,1]_4x4d'],
    ['timm-d.safetensors', 'ResNeXt[1,1,1,1]_vd_4x4d'],
  ])(
    '%s is recognised and gives the logits and features of the original, folded or not',
    async (name, architecture) => {
      using file = openWeights(weightFixture(name));
      const recognised = recogniseResnext(file.tensors);
      const reference = models[name]!;
      expect(recognised.name).toBe(architecture);

      for (const foldBatchNorm of [true, false]) {
        const path = await written(recognised.architecture, recognised.tensors, { foldBatchNorm, side: 224 });
        const found = await runOnCrops(path, crops);
        for (const [row, logits] of reference.logits.entries()) {
          expect(farthest(found.logits[row]!, logits)).toBeLessThan(1e-4);
          expect(farthest(found.features[row]!.slice(0, 8), reference.features[row]!)).toBeLessThan(1e-4);
        }
      }
    },
    60_000,
  );

  /** Logits of timm 1.0.29 for `timm-d.safetensors` and two pictures of sin(0.37 · index), rounded to five digits. */
  const oddSides = [
    {
      side: 75,
      logits: [
        [5.07716, -6.85022, -0.44943, 2.40835, 1.57119, -5.45881, 3.01532, 2.00648, 0.2491, 1.12154],
        [5.11352, -6.15829, -0.40614, 2.44744, 1.74476, -5.67127, 3.09072, 1.93992, 0.33321, 1.05766],
      ],
    },
    {
      side: 97,
      logits: [
        [0.49331, -4.15054, -0.5927, 2.16501, 1.26623, -5.72176, 2.44191, 4.11928, -0.41098, 1.76924],
        [0.50927, -4.05181, -0.54155, 2.08503, 1.33244, -5.64457, 2.41163, 4.24849, -0.53788, 1.85094],
      ],
    },
  ];
  test.each(oddSides)(
    'pooled shortcuts of $side pixels average what lies inside the edge only',
    async ({ side, logits }) => {
      using file = openWeights(weightFixture('timm-d.safetensors'));
      const { architecture, tensors } = recogniseResnext(file.tensors);
      const session = await opened(await written(architecture, tensors, { foldBatchNorm: true, side }));

      const found = await run(session, waves(2, side), side);
      expect(farthest(found.logits, logits.flat())).toBeLessThan(1e-4);
      expect(architectureName(architecture)).toContain('_vd_');
    },
  );
});
