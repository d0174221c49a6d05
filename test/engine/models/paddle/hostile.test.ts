import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../../electron/core/errors.ts';
import { openPaddleInference } from '../../../../electron/engine/models/paddle/index.ts';
import { pdiparams, record, type Weights } from '../../../support/paddle/params.ts';
import { PdmodelWriter } from '../../../support/paddle/pdmodel.ts';
import { PirWriter } from '../../../support/paddle/pir.ts';
import { bytes, number, varint } from '../../../support/paddle/protobuf.ts';
import { programWeights, readTiny, writeTiny } from '../../../support/paddle/tiny.ts';

const tiny = readTiny();
const weights = programWeights(tiny);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paddle-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const programs = {
  '.pdmodel': () => encode(new PdmodelWriter(0)),
  '.json': () => encode(new PirWriter()),
};
type Extension = keyof typeof programs;
const extensions = Object.keys(programs) as Extension[];

function encode<Writer extends PdmodelWriter | PirWriter>(writer: Writer): Buffer {
  writeTiny<never>(writer as never, tiny);
  return writer.encode();
}

/**
 * Open the files and read every weight.
 *
 * @param params  null: those that lie there already
 * @returns       what was refused, or null; anything but a refusal fails the test
 */
function attempt(extension: Extension, program: Buffer, params: Buffer | null): AppError | null {
  writeFileSync(join(folder, `inference${extension}`), program);
  if (params) writeFileSync(join(folder, 'inference.pdiparams'), params);
  try {
    using opened = openPaddleInference(join(folder, `inference${extension}`));
    for (const tensor of opened.model.graph.initializers.values()) tensor.bytes();
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('model.')) return thrown;
    throw thrown;
  }
}

/** Numbers from 0 to `below`, the same every time. Source: Numerical Recipes' linear congruential generator. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

for (const extension of extensions) {
  test(`a ${extension} cut anywhere is refused`, () => {
    const program = programs[extension]();
    const params = pdiparams(weights);
    for (let cut = 0; cut < 50; cut++) {
      const part = program.subarray(0, Math.floor((program.length * cut) / 50));
      expect(attempt(extension, part, params), `cut at ${cut}/50`).toBeInstanceOf(AppError);
    }
  });

  test(`500 flipped bits in a ${extension} end in a model or a refusal, within seconds`, () => {
    const program = programs[extension]();
    writeFileSync(join(folder, 'inference.pdiparams'), pdiparams(weights));
    const random = seeded(500);
    const begun = performance.now();
    let refusals = 0;
    for (let round = 0; round < 500; round++) {
      const flipped = Buffer.from(program);
      flipped[random(flipped.length)]! ^= 1 << random(8);
      if (attempt(extension, flipped, null)) refusals++;
    }
    expect(refusals).toBeGreaterThan(50);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test(`weights of another network beside a ${extension} are refused with the first one that differs`, () => {
    const other = new Map(weights);
    other.set('conv2d_2.w_0', { shape: [8, 3, 3, 3], values: new Float32Array(216) });
    expect(attempt(extension, programs[extension](), pdiparams(other))).toMatchObject({
      code: 'model.invalid',
      message: expect.stringMatching(/"conv2d_2\.w_0" is \[8, 4, 3, 3\].*\[8, 3, 3, 3\]/),
    });
  });

  test(`a weight too few and one too many beside a ${extension} are refused`, () => {
    const fewer = new Map(weights);
    fewer.delete('linear_0.w_0');
    expect(attempt(extension, programs[extension](), pdiparams(fewer))?.message).toMatch(
      /ends too early.*linear_0\.w_0/,
    );
    const more = new Map(weights).set('zzz', { shape: [1], values: Float32Array.of(1) });
    expect(attempt(extension, programs[extension](), pdiparams(more))?.message).toMatch(/more weights/);
  });
}

test('a .pdiparams cut anywhere is refused as damaged', () => {
  const params = pdiparams(weights);
  for (let cut = 0; cut < 50; cut++) {
    const part = params.subarray(0, Math.floor((params.length * cut) / 50));
    expect(attempt('.pdmodel', programs['.pdmodel'](), part), `cut at ${cut}/50`).toMatchObject({
      code: 'model.corrupt',
    });
  }
});

test('500 flipped bits in a .pdiparams end in a model or a refusal', () => {
  const writer = new PdmodelWriter(0);
  const small = new Map(['a', 'b', 'c', 'd'].map((name) => [name, { shape: [4], values: new Float32Array(4) }]));
  let x = writer.input('x', [-1, 4]);
  for (const name of small.keys()) {
    writer.parameter(name, [4]);
    x = writer.add(x, name);
  }
  writer.output(x);
  const program = writer.encode();
  const params = pdiparams(small);
  expect(attempt('.pdmodel', program, params)).toBeNull();
  const random = seeded(7);
  let refusals = 0;
  for (let round = 0; round < 500; round++) {
    const flipped = Buffer.from(params);
    flipped[random(flipped.length)]! ^= 1 << random(8);
    if (attempt('.pdmodel', program, flipped)) refusals++;
  }
  // The other bits are those of numbers, any of which is a weight.
  expect(refusals).toBeGreaterThan(200);
});

test('sizes beyond the file are refused before anything is made room for', () => {
  const first: Weights = weights.get('batch_norm2d_0.b_0')!;
  const impossible = [
    { shape: [2 ** 40], values: first.values },
    { shape: [2 ** 31, 2 ** 31], values: first.values },
    { shape: [-1, -4], values: first.values },
    { shape: Array<number>(4000).fill(1), values: first.values },
    { shape: [0], values: first.values },
  ];
  for (const hostile of impossible) {
    expect(attempt('.pdmodel', programs['.pdmodel'](), record(hostile))?.code).toBe('model.corrupt');
  }
  const levels = record(first, { levels: [[0, 4]] });
  expect(attempt('.pdmodel', programs['.pdmodel'](), levels)?.message).toMatch(/ends too early/);
  const countless = Buffer.from(levels);
  countless.writeBigUInt64LE(2n ** 60n, 4);
  expect(attempt('.pdmodel', programs['.pdmodel'](), countless)?.code).toBe('model.corrupt');
  expect(attempt('.pdmodel', programs['.pdmodel'](), record(first, { type: 99 }))?.code).toBe('model.unsupported');
});

test('levels of sequences are passed over', () => {
  const writer = new PdmodelWriter();
  writer.input('x', [-1, 4]);
  writer.parameter('b', [4]);
  writer.output(writer.add('x', 'b'));
  const params = record(
    { shape: [4], values: new Float32Array(4) },
    {
      levels: [
        [0, 2, 4],
        [0, 4],
      ],
    },
  );
  expect(attempt('.pdmodel', writer.encode(), params)).toBeNull();
});

test('half-precision weights are refused by name', () => {
  const writer = new PdmodelWriter();
  writer.input('x', [-1, 4]);
  writer.parameter('b', [4]);
  writer.output(writer.add('x', 'b'));
  const halves = record({ shape: [4], values: new Float32Array(2) }, { type: 4 });
  expect(attempt('.pdmodel', writer.encode(), halves)?.message).toMatch(/"b" are float16/);
});

test('weights that do not fit their operator are refused', () => {
  const misfit = (shape: number[], groups: number) => {
    const writer = new PdmodelWriter();
    writer.parameter('f', shape);
    writer.output(writer.convolution(writer.input('x', [-1, 3, 8, 8]), 'f', { stride: 1, padding: 1, groups }));
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    return attempt('.pdmodel', writer.encode(), record({ shape, values }));
  };
  expect(misfit([4, 3, 3, 3], 1)).toBeNull();
  expect(misfit([4, 2, 3, 3], 1)?.message).toMatch(/"f" \[4, 2, 3, 3\] do not fit 3 channels/);
  expect(misfit([4, 1, 3, 3], 3)?.code).toBe('model.invalid');
  expect(misfit([4, 27], 1)?.message).toMatch(/needs 4 sizes/);
});

test('a program that uses what nobody made, or gives out its own input, is refused', () => {
  const none = record({ shape: [1], values: Float32Array.of(1) }).subarray(0, 0);
  const unmade = new PdmodelWriter();
  unmade.input('x', [-1, 4]);
  unmade.output(unmade.add('x', 'nothing'));
  expect(attempt('.pdmodel', unmade.encode(), none)?.message).toMatch(/nothing makes the value "nothing"/);
  const echo = new PdmodelWriter();
  echo.output(echo.input('x', [-1, 4]));
  expect(attempt('.pdmodel', echo.encode(), none)?.message).toMatch(/computes nothing/);
});

test('what is no program is refused, whatever else it is', () => {
  const none = Buffer.alloc(0);
  const onnx = Buffer.concat([number(1, 8), bytes(2, 'pytorch'), bytes(7, [bytes(2, 'graph')])]);
  const nested = Buffer.from('['.repeat(200_000));
  const objects = Buffer.from('{"base_code":{"magic":"pir"},"program":'.padEnd(200_000, '{"regions":'));
  for (const bad of [none, onnx, nested, objects, Buffer.from('null'), Buffer.alloc(1000, 0xff), Buffer.alloc(1000)]) {
    expect(attempt('.pdmodel', bad, none)?.code).toBe('model.invalid');
    expect(attempt('.json', bad, none)?.code).toBe('model.invalid');
  }
});

test('loops, branches and other dialects of Paddle 3 are refused by name', () => {
  const none = Buffer.alloc(0);
  const loop = new PirWriter();
  loop.operation('1.while', [loop.input('x', [-1, 4])], [-1, 4], {});
  loop.operations.at(-1)!['regions'] = [];
  expect(attempt('.json', loop.encode(), none)).toMatchObject({ code: 'model.unsupported' });
  const split = new PirWriter();
  split.output(split.operation('0.split', [split.input('x', [-1, 4])], [-1, 4], {}));
  expect(attempt('.json', split.encode(), none)?.message).toMatch(/"builtin\.split"/);
});

test('hordes of tiny fields end quickly', () => {
  const begun = performance.now();
  const none = Buffer.alloc(0);
  const million = Buffer.alloc(2_000_000, bytes(4, bytes(3, 'a')));
  expect(attempt('.pdmodel', Buffer.concat([varint(10), varint(million.length), million]), none)?.code).toBe(
    'model.invalid',
  );
  const list = Buffer.alloc(2_000_000, number(6, 1));
  const attribute = Buffer.concat([bytes(1, 'shape'), number(2, 3), list]);
  const operator = bytes(4, [bytes(3, 'reshape2'), bytes(4, attribute)]);
  expect(attempt('.pdmodel', bytes(1, operator), none)?.code).toBe('model.invalid');
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('a program larger than any network is refused unread', () => {
  writeFileSync(join(folder, 'inference.pdmodel'), Buffer.alloc(17 * 1024 * 1024));
  writeFileSync(join(folder, 'inference.pdiparams'), '');
  expect(() => openPaddleInference(folder)).toThrow(expect.objectContaining({ code: 'file.too-large' }));
});
