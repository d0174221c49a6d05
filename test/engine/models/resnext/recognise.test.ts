import { expect, test } from 'vitest';
import { elementSizes, readFloats, type LazyTensor } from '#core/tensor.ts';
import type { Architecture } from '../../../../electron/engine/models/resnext/architecture.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { recogniseResnext } from '../../../../electron/engine/models/resnext/recognise.ts';
import {
  expectedTensors,
  paddleNames,
  paddleWslNames,
  type TensorNames,
} from '../../../../electron/engine/models/resnext/tensor-names.ts';

/** Nobody may read a tensor in order to recognise it. */
function unread(shape: readonly number[]): LazyTensor {
  return {
    type: 'float32',
    shape,
    bytes() {
      throw new Error('read');
    },
  };
}

function file(name: string, { names, ...changes }: Partial<Architecture> & { names?: TensorNames } = {}) {
  const expected = expectedTensors({ ...parseArchitecture(name)!, ...changes }, names);
  return new Map(Array.from(expected.values(), ({ fileName, shape }) => [fileName, unread(shape)]));
}

function renamed(tensors: Map<string, LazyTensor>, rename: (name: string) => string) {
  return new Map(Array.from(tensors, ([name, tensor]) => [rename(name), tensor]));
}

function refusal(tensors: Map<string, LazyTensor>): string {
  try {
    return `recognised as ${recogniseResnext(tensors).name}`;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'model.unsupported' });
    return (thrown as Error).message;
  }
}

test.each([
  ['ResNeXt50_32x4d', 'torchvision'],
  ['ResNeXt101_64x4d', 'torchvision'],
  ['ResNeXt152_32x4d', 'torchvision'],
  ['ResNeXt101_32x48d', 'torchvision'],
  ['ResNeXt50_vd_32x4d', 'timm'],
  ['ResNeXt50_vc_32x4d', 'timm'],
  ['ResNeXt26_pool_32x4d', 'timm'],
  ['ResNeXt50_stem[24,32,64]_pool_32x4d', 'timm'],
  ['ResNeXt[1,2,3,1]_8x5d', 'torchvision'],
])('%s is recognised in the names of %s', (name, naming) => {
  const recognised = recogniseResnext(file(name, { classCount: 17 }));

  expect(recognised.architecture).toEqual({ ...parseArchitecture(name), classCount: 17 });
  expect(recognised).toMatchObject({ name, naming });
  expect(recognised.tensors.get('fc.weight')?.shape).toEqual([17, 2048]);
});

test.each(
  ['50_32x4d', '50_vd_32x4d', '50_64x4d', '50_vd_64x4d', '101_32x4d', '101_vd_32x4d'].map((name) => `ResNeXt${name}`),
)('%s is recognised in the names of PaddleClas', (name) => {
  const recognised = recogniseResnext(file(name, { names: paddleNames }));

  expect(recognised).toMatchObject({ name, naming: 'paddleclas', architecture: parseArchitecture(name) });
  expect([...recognised.tensors.keys()]).toEqual([...expectedTensors(recognised.architecture).keys()]);
});

test("the names of PaddleClas' wsl siblings are recognised", () => {
  const recognised = recogniseResnext(file('ResNeXt101_32x16d', { names: paddleWslNames }));

  expect(recognised).toMatchObject({ name: 'ResNeXt101_32x16d', naming: 'paddleclas' });
});

test('the names are those that PaddleClas has in its code', () => {
  const plain = [...file('ResNeXt50_32x4d', { names: paddleNames }).keys()];
  const vd = [...file('ResNeXt50_vd_32x4d', { names: paddleNames }).keys()];
  const wsl = [...file('ResNeXt101_32x8d', { names: paddleWslNames }).keys()];

  expect(plain.slice(0, 7)).toEqual([
    'conv._conv.weight',
    'conv._batch_norm.weight',
    'conv._batch_norm.bias',
    'conv._batch_norm._mean',
    'conv._batch_norm._variance',
    'bb_0_0.conv0._conv.weight',
    'bb_0_0.conv0._batch_norm.weight',
  ]);
  expect(plain).toContain('bb_3_2.conv2._batch_norm._variance');
  expect(plain).toContain('bb_0_0.short._conv.weight');
  expect(plain.slice(-2)).toEqual(['out.weight', 'out.bias']);
  expect(vd).toContain('conv1_3._batch_norm._mean');
  expect(wsl.slice(0, 2)).toEqual(['_conv_stem._conv.weight', '_conv_stem._bn.weight']);
  expect(wsl).toContain('_conv3_22._conv2._conv.weight');
  expect(wsl).toContain('_conv4_0._short._conv._bn._mean');
  expect(wsl.slice(-2)).toEqual(['_out.weight', '_out.bias']);
});

test("each of Paddle's tensors takes the place of the one that torchvision calls otherwise", () => {
  const originals = randomTensors(parseArchitecture('ResNeXt[1,2,1,1]_8x4d')!, 5);
  // Written independently of the table under test.
  const paddle = renamed(originals, (name) =>
    name
      .replace(/^layer(\d)\.(\d)/, (_, stage: string, block: string) => `bb_${Number(stage) - 1}_${block}`)
      .replace(/(conv|bn)([123])\./, (_, layer: string, number: string) => `${layer}${Number(number) - 1}.`)
      .replace(/^(?:conv|bn)0/, (layer) => (layer === 'bn0' ? 'conv._batch_norm' : 'conv._conv'))
      .replace(/\.conv(\d)\./, '.conv$1._conv.')
      .replace(/\.bn(\d)\./, '.conv$1._batch_norm.')
      .replace('downsample.0.', 'short._conv.')
      .replace('downsample.1.', 'short._batch_norm.')
      .replace('running_mean', '_mean')
      .replace('running_var', '_variance')
      .replace('fc.', 'out.'),
  );
  paddle.set('out.weight', unread([2048, 1000]));

  const recognised = recogniseResnext(new Map([...paddle].reverse()));

  expect(recognised).toMatchObject({ name: 'ResNeXt[1,2,1,1]_8x4d', naming: 'paddleclas' });
  for (const [name, tensor] of recognised.tensors) {
    if (name !== 'fc.weight') expect(tensor).toBe(originals.get(name));
  }
});

test.each(['float32', 'float16'] as const)("Paddle's head of %s is transposed, when it is read", (type) => {
  const tensors = file('ResNeXt[1,1,1,1]_8x4d', { names: paddleNames, classCount: 3 });
  const bytes = Uint8Array.from({ length: 2048 * 3 * elementSizes[type] }, (_, index) => (index * 7919) >>> 3);
  let reads = 0;
  tensors.set('out.weight', { type, shape: [2048, 3], bytes: () => (reads++, bytes) });

  const head = recogniseResnext(tensors).tensors.get('fc.weight')!;

  expect(reads).toBe(0);
  const before = readFloats({ type, shape: [2048, 3], bytes: () => bytes });
  const after = readFloats(head);
  expect(head.shape).toEqual([3, 2048]);
  for (const feature of [0, 1, 1234, 2047]) {
    for (const category of [0, 1, 2]) expect(after[category * 2048 + feature]).toBe(before[feature * 3 + category]);
  }
});

test('counters of training, the prefix of a wrapper and a head behind dropout are no obstacle', () => {
  const tensors = renamed(file('ResNeXt50_32x4d'), (name) => `module.model.${name.replace('fc.', 'fc.1.')}`);
  tensors.set('module.model.bn1.num_batches_tracked', { ...unread([]), type: 'int64' });

  const recognised = recogniseResnext(tensors);

  expect(recognised.name).toBe('ResNeXt50_32x4d');
  expect(recognised.tensors.has('fc.weight')).toBe(true);
});

test('the first tensor that does not fit is named, as the file calls it', () => {
  const wrong = file('ResNeXt50_32x4d').set('layer2.0.conv2.weight', unread([256, 4, 3, 3]));
  expect(refusal(wrong)).toBe('"layer2.0.conv2.weight" is [256, 4, 3, 3] where [256, 8, 3, 3] fits');

  const grey = file('ResNeXt50_32x4d').set('conv1.weight', unread([64, 1, 7, 7]));
  expect(refusal(grey)).toBe('"conv1.weight" is [64, 1, 7, 7] where [64, 3, 7, 7] fits');

  const paddle = file('ResNeXt50_vd_32x4d', { names: paddleNames });
  paddle.set('bb_1_0.short._batch_norm._mean', unread([256]));
  expect(refusal(paddle)).toBe('"bb_1_0.short._batch_norm._mean" is [256] where [512] fits');

  const bias = file('ResNeXt50_32x4d').set('fc.bias', unread([10]));
  expect(refusal(bias)).toBe('"fc.bias" is [10] where [1000] fits');
});

test('what is missing, too much or of whole numbers is named', () => {
  const missing = file('ResNeXt50_32x4d');
  missing.delete('layer3.5.bn2.running_mean');
  expect(refusal(missing)).toMatch(/"layer3\.5\.bn2\.running_mean" is missing/);

  const headless = file('ResNeXt50_32x4d');
  headless.delete('fc.weight');
  headless.delete('fc.bias');
  expect(refusal(headless)).toMatch(/"fc\.weight" is missing/);

  const gap = file('ResNeXt50_32x4d');
  for (const name of gap.keys()) if (name.startsWith('layer3.2.')) gap.delete(name);
  expect(refusal(gap)).toMatch(/"layer3\.3\..*" is no part of a ResNeXt\[3,4,2,3\]_32x4d/);

  const empty = file('ResNeXt50_32x4d');
  for (const name of empty.keys()) if (name.startsWith('layer4.')) empty.delete(name);
  expect(refusal(empty)).toMatch(/"layer4\.0\.conv1\.weight" is missing/);

  expect(refusal(file('ResNeXt50_32x4d').set('aux.weight', unread([1])))).toMatch(/"aux\.weight" is no part of/);
  const quantized = file('ResNeXt50_32x4d').set('conv1.weight', { ...unread([64, 3, 7, 7]), type: 'int8' });
  expect(refusal(quantized)).toMatch(/"conv1\.weight" holds int8 numbers/);
});

test('two linear layers in the head, and tensors beside the network, are not guessed at', () => {
  const twoLayers = renamed(file('ResNeXt50_32x4d'), (name) => name.replace('fc.', 'fc.0.')).set(
    'fc.2.weight',
    unread([5, 1000]),
  );
  expect(refusal(twoLayers)).toMatch(/"fc\.weight" is missing/);

  const beside = renamed(file('ResNeXt50_32x4d'), (name) => `student.${name}`).set('teacher.fc.bias', unread([5]));
  expect(refusal(beside)).toMatch(/"teacher\.fc\.bias" stands beside the ResNeXt/);
});

test.each([
  ['layer1.0.se.fc1.weight', /look like an SE-ResNeXt/],
  ['layer1.0.se_module.fc1.weight', /look like an SE-ResNeXt/],
  ['layer1.0.se.conv.weight', /look like an ECA-ResNet/],
  ['layer1.0.conv2.attn.fc_reduce.weight', /look like an SK-ResNeXt/],
  ['layer1.0.conv2.fc1.weight', /look like a ResNeSt/],
  ['layer1.0.convs.0.weight', /look like a Res2Net/],
  ['bb_0_0.scale.squeeze.weight', /look like an SE-ResNeXt/],
  ['stages.0.0.conv1_1x1.conv.weight', /timm's other ResNeXts/],
  ['stages.0.blocks.0.conv1.conv.weight', /timm's other ResNeXts/],
  ['s1.b1.conv1.conv.weight', /look like a RegNet/],
  ['features.denseblock1.denselayer1.norm1.weight', /look like a DenseNet/],
  ['blocks.0.attn.qkv.weight', /look like a vision transformer/],
])('with "%s" it is another network', (name, sentence) => {
  const tensors = file('ResNeXt50_32x4d').set(name, unread([1]));

  expect(refusal(tensors)).toMatch(sentence);
  expect(refusal(tensors)).toContain(`"${name}"`);
});

test('plain ResNets are told apart', () => {
  const bottlenecks = file('ResNeXt50_32x4d').set('layer1.0.conv2.weight', unread([64, 64, 3, 3]));
  expect(refusal(bottlenecks)).toMatch(/look like a ResNet or Wide ResNet/);

  const basic = file('ResNeXt50_32x4d');
  for (const name of basic.keys()) if (/conv3|bn3/.test(name)) basic.delete(name);
  expect(refusal(basic)).toMatch(/ResNet of basic blocks/);
});

test('shapes that make no sense end in a sentence', () => {
  for (const shape of [
    [128],
    [0, 0, 3, 3],
    [128, 0, 3, 3],
    [128, 3, 3, 3],
    [1, 2, 3, 3],
    [128, 4, 3, 3, 1, 1, 1, 1, 1],
  ]) {
    const tensors = file('ResNeXt50_32x4d').set('layer1.0.conv2.weight', unread(shape));
    expect(refusal(tensors)).toMatch(/^"layer1\.0\.conv2\.weight" is \[.*\], which fits no ResNeXt$/);
  }
  expect(refusal(new Map())).toMatch(/no "layer1\.0\.conv1\.weight"/);
  expect(refusal(file('ResNeXt50_32x4d', { classCount: 0 }))).toMatch(/no classes at all/);
  const long = file('ResNeXt50_32x4d').set('x'.repeat(5000), unread([1]));
  expect(refusal(long).length).toBeLessThan(250);
});

test('recognised tensors hold the numbers of the file', () => {
  const architecture = parseArchitecture('ResNeXt[1,1,1,1]_8x4d')!;
  const originals = randomTensors(architecture, 5);
  const recognised = recogniseResnext(new Map([...originals].reverse()));

  expect([...recognised.tensors.keys()]).toEqual([...originals.keys()]);
  for (const [name, tensor] of recognised.tensors) expect(tensor).toBe(originals.get(name));
});
