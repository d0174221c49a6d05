import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elementSizes, tensorOf, type ElementType, type LazyTensor } from '#core/tensor.ts';
import { inspectOnnx } from '../../../../electron/engine/models/onnx/inspect.ts';
import type { OnnxAttribute, OnnxModel } from '../../../../electron/engine/models/onnx/model.ts';
import { readOnnx } from '../../../../electron/engine/models/onnx/read.ts';
import { writeOnnx } from '../../../../electron/engine/models/onnx/write.ts';
import { message } from '../../../support/models.ts';
import { fixture, seededRandom, withFlippedBit } from '../../../support/pictures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const graphs = fixture('onnx-graphs');
const exported = readdirSync(graphs).filter((name) => name.endsWith('.onnx'));
const bundled = new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname;

function readBytes(bytes: Buffer): ReturnType<typeof readOnnx> {
  const path = join(folder, 'bytes.onnx');
  writeFileSync(path, bytes);
  return readOnnx(path);
}

/** Everything in a model as plain data, tensors with the hash of their bytes. */
function plain({ irVersion, opsets, graph, functions }: OnnxModel) {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const tensor = (lazy: LazyTensor) => ({ type: lazy.type, shape: lazy.shape, bytes: hash(lazy.bytes()) });
  const attribute = (value: OnnxAttribute) => (value.type === 'tensor' ? tensor(value.value) : value);
  return {
    irVersion,
    opsets,
    functions,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        attributes: Array.from(node.attributes, ([name, value]) => [name, attribute(value)]),
      })),
      initializers: Array.from(graph.initializers, ([name, value]) => [name, tensor(value)]),
      opaque: Array.from(graph.opaque ?? [], ([name, encoded]) => [name, hash(encoded())]),
    },
  };
}

/** Free sizes are one, values are a fixed wave. */
async function run(path: string): Promise<Record<string, unknown>> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const feeds = session.inputMetadata.map((input) => {
    const dims = input.isTensor ? input.shape.map((size) => (typeof size === 'number' ? size : 1)) : [];
    const count = dims.reduce((product, size) => product * size, 1);
    return [
      input.name,
      new Tensor(
        'float32',
        Float32Array.from({ length: count }, (_, at) => Math.sin(at)),
        dims,
      ),
    ];
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [name, { dims, data: Array.from(data as Float32Array) }]),
  );
}

describe('what is read and written again', () => {
  test.each([...exported.map((name) => join(graphs, name)), bundled])(
    '%s keeps its structure and bytes',
    async (path) => {
      using model = readOnnx(path);
      const copy = join(folder, 'copy.onnx');
      await writeOnnx(copy, model);

      using again = readOnnx(copy, statSync(copy).size);
      expect(plain(again)).toEqual({ ...plain(model), irVersion: Math.max(4, model.irVersion) });
      expect(again.producer).toBe('Labelwright');
      expect(() => inspectOnnx(copy, statSync(copy).size)).not.toThrow();
    },
  );

  test.each([...exported.map((name) => join(graphs, name)), bundled])('%s gives the same outputs', async (path) => {
    using model = readOnnx(path);
    const copy = join(folder, 'copy.onnx');
    await writeOnnx(copy, model);

    const outputs = await run(copy);
    expect(Object.keys(outputs)).not.toHaveLength(0);
    expect(outputs).toEqual(await run(path));
  });

  test('any structure of ours comes back as it was', async () => {
    const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    const safe = fc.maxSafeInteger();
    const float = fc.float({ noNaN: true });
    const types = Object.keys(elementSizes) as ElementType[];
    const tensor = fc
      .tuple(fc.constantFrom(...types), fc.array(fc.nat(3), { maxLength: 3 }), fc.nat())
      .map(([type, shape, seed]): LazyTensor => {
        const count = shape.reduce((product, size) => product * size, 1);
        const bytes = Uint8Array.from({ length: count * elementSizes[type] }, (_, at) => (seed + at * 31) % 256);
        return { type, shape, bytes: () => bytes };
      });
    const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
      float.map((value) => ({ type: 'float' as const, value })),
      safe.map((value) => ({ type: 'int' as const, value })),
      name.map((value) => ({ type: 'string' as const, value })),
      fc.array(float).map((value) => ({ type: 'floats' as const, value })),
      fc.array(safe).map((value) => ({ type: 'ints' as const, value })),
      fc.array(name).map((value) => ({ type: 'strings' as const, value })),
      tensor.map((value) => ({ type: 'tensor' as const, value })),
    );
    const model = fc.record({
      steps: fc.array(fc.record({ name, operator: name, attributes: fc.array(fc.tuple(name, attribute)) })),
      tensors: fc.array(tensor, { maxLength: 5 }),
      shape: fc.array(fc.oneof(fc.integer({ min: 1 }), name, fc.constant(null)), { minLength: 1, maxLength: 4 }),
    });

    await fc.assert(
      fc.asyncProperty(model, async ({ steps, tensors, shape }) => {
        const path = join(folder, 'any.onnx');
        const original: OnnxModel = {
          irVersion: 8,
          producer: 'Labelwright',
          opsets: new Map([['', 17]]),
          graph: {
            name: 'any',
            nodes: steps.map((step, index) => ({
              ...step,
              domain: '',
              inputs: [`value${index}`, ''],
              outputs: [`value${index + 1}`],
              attributes: new Map(step.attributes),
            })),
            inputs: [{ name: 'value0', type: 'float32', shape }],
            outputs: [{ name: `value${steps.length}`, type: 'other', shape: [] }],
            initializers: new Map(tensors.map((value, index) => [`tensor${index}`, value])),
          },
        };
        await writeOnnx(path, original);
        using again = readOnnx(path);
        expect(plain(again)).toEqual(plain(original));
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('what is found in a file', () => {
  test('each element type has its bytes, whether they lie there typed or raw', () => {
    using model = readOnnx(join(graphs, 'every-type.onnx'));
    const expected = JSON.parse(readFileSync(join(graphs, 'every-type.json'), 'utf8')) as Record<string, string>;

    expect(Object.keys(expected)).toHaveLength(20);
    for (const [name, bytes] of Object.entries(expected)) {
      const tensor = model.graph.initializers.get(name)!;
      expect([name, Buffer.from(tensor.bytes()).toString('hex')]).toEqual([name, bytes]);
      expect(tensor.shape).toEqual([5]);
    }
  });

  test('other element types stay as they are', () => {
    using model = readOnnx(join(graphs, 'every-type.onnx'));

    expect([...model.graph.opaque!.keys()]).toEqual(['text', 'unsigned', 'nibbles']);
    expect(model.graph.initializers.get('nothing')).toMatchObject({ type: 'float32', shape: [0, 3] });
  });

  test('attributes have their types; what would lose something stays encoded', () => {
    using model = readOnnx(join(graphs, 'every-type.onnx'));
    const attribute = (output: string, name: string) =>
      model.graph.nodes.find(({ outputs }) => outputs[0] === output)!.attributes.get(name);

    expect(attribute('leaky', 'alpha')).toEqual({ type: 'float', value: Math.fround(0.1) });
    expect(attribute('floats', 'value_floats')).toEqual({ type: 'floats', value: [0.5, -1.5] });
    expect(attribute('strings', 'value_strings')).toEqual({ type: 'strings', value: ['x', 'ü'] });
    expect(attribute('texts', 'axis')).toEqual({ type: 'int', value: -1 });
    expect(attribute('constant', 'value')).toMatchObject({ type: 'tensor', value: { type: 'float32', shape: [3] } });
    expect(attribute('ints', 'value_ints')).toMatchObject({ type: 'raw' });
    expect(attribute('branched', 'then_branch')).toMatchObject({ type: 'raw' });
  });

  test('inputs that are initializers are not asked of anyone', () => {
    using model = readOnnx(join(graphs, 'version-3.onnx'));

    expect(model.graph.inputs).toEqual([{ name: 'x', type: 'float32', shape: [1, 3, 8, 8] }]);
    expect([...model.graph.initializers.keys()]).toEqual(['w', 'b']);
  });

  test('a free batch has its name', () => {
    using model = readOnnx(join(graphs, 'script-free.onnx'));

    expect(model.graph.inputs).toEqual([{ name: 'input', type: 'float32', shape: ['batch', 3, 30, 30] }]);
    expect(model.graph.outputs).toEqual([{ name: 'logits', type: 'float32', shape: ['batch', 5] }]);
    expect(model).toMatchObject({ irVersion: 8, producer: 'pytorch', opsets: new Map([['', 17]]) });
  });

  test('values are read packed as well as one by one', () => {
    const float = (value: number) => Buffer.from(Float32Array.of(value).buffer);
    const packed = message([
      [1, Buffer.from([2])],
      [2, 1],
      [8, 'packed'],
      [4, Buffer.concat([float(1), float(2)])],
    ]);
    // Key 4 << 3 | 5, then four bytes; twice.
    const single = Buffer.concat([
      message([
        [1, 2],
        [2, 1],
        [8, 'single'],
      ]),
      ...[1, 2].flatMap((value) => [Buffer.from([(4 << 3) | 5]), float(value)]),
    ]);
    const ints = message([
      [1, 2],
      [2, 7],
      [8, 'ints'],
      [7, 300],
      [7, Buffer.from([5])],
    ]);
    using model = readBytes(
      message([
        [1, 8],
        [7, [packed, single, ints].map((tensor): [number, Buffer] => [5, tensor])],
      ]),
    );

    const values = [...model.graph.initializers.values()].map((tensor) => Buffer.from(tensor.bytes()).toString('hex'));
    expect(values).toEqual(['0000803f00000040', '0000803f00000040', '2c010000000000000500000000000000']);
  });

  test('weights stay unread until they are asked for, and cannot be read once the file is closed', () => {
    const path = join(folder, 'closed.onnx');
    writeFileSync(path, readFileSync(bundled));
    const model = readOnnx(path);
    const [weight] = model.graph.initializers.values();
    expect(weight!.bytes().length).toBeGreaterThan(0);

    truncateSync(path, 100);
    expect(() => weight!.bytes()).toThrow(expect.objectContaining({ code: 'model.corrupt' }));
    model[Symbol.dispose]();
    model[Symbol.dispose]();
    expect(() => weight!.bytes()).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('what is refused', () => {
  const invalid: unknown = expect.objectContaining({ code: 'model.invalid' });
  const corrupt: unknown = expect.objectContaining({ code: 'model.corrupt' });
  const readable = ['huge-constant-of-shape', 'opset-999', 'unknown-op', 'valid-add-4', 'wrong-input-shape'];
  const hostile = readdirSync(fixture('corpus', 'onnx'))
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => name.replace('.onnx', ''));

  test.each(hostile.filter((name) => !readable.includes(name)))('%s', (name) => {
    const thrown = name === 'dims-mismatch' ? corrupt : invalid;
    expect(() => readOnnx(fixture('corpus', 'onnx', `${name}.onnx`))).toThrow(thrown);
  });

  test.each(readable)('%s is read: what is wrong with it only the runtime can tell', (name) => {
    using model = readOnnx(fixture('corpus', 'onnx', `${name}.onnx`));
    expect(model.graph.nodes).not.toHaveLength(0);
  });

  test('a graph that needs what comes later, or makes a name twice', () => {
    const node = (input: string, output: string): [number, Buffer] => [
      1,
      message([
        [1, input],
        [2, output],
        [4, 'Relu'],
      ]),
    ];
    const graph = (nodes: [number, Buffer][]) =>
      message([
        [1, 8],
        [7, [...nodes, [11, [[1, 'x']]]]],
      ]);

    expect(() => readBytes(graph([node('x', 'a'), node('a', 'b')]))).not.toThrow();
    expect(() => readBytes(graph([node('a', 'b'), node('x', 'a')]))).toThrow('"a", which nothing before it makes');
    expect(() => readBytes(graph([node('x', 'a'), node('x', 'a')]))).toThrow('"a" is made twice');
  });

  test('a file that is not there, or no file', () => {
    expect(() => readOnnx(join(folder, 'nothing.onnx'))).toThrow(expect.objectContaining({ code: 'model.not-found' }));
    expect(() => readOnnx(folder)).toThrow(expect.objectContaining({ code: 'file.not-regular' }));
  });

  test('a file of another size than was looked at before', () => {
    expect(() => readOnnx(join(graphs, 'function.onnx'), 5)).toThrow(corrupt);
  });

  test('millions of tiny parts end in a sentence within seconds', () => {
    const nodes = Buffer.alloc(12_000_000, Buffer.from([(1 << 3) | 2, 2, (4 << 3) | 2, 0]));
    const started = performance.now();

    expect(() =>
      readBytes(
        message([
          [1, 8],
          [7, nodes],
        ]),
      ),
    ).toThrow(invalid);
    const names = Buffer.alloc(12_000_000, Buffer.from([(1 << 3) | 2, 1, 0x41]));
    expect(() =>
      readBytes(
        message([
          [1, 8],
          [7, [[1, names]]],
        ]),
      ),
    ).toThrow(invalid);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('flipped bits end in a model or an AppError, and every tensor in bytes or an AppError', () => {
    const random = seededRandom(2);
    let readCount = 0;
    for (const name of exported) {
      const bytes = readFileSync(join(graphs, name));
      for (let round = 0; round < 40; round++) {
        try {
          using model = readBytes(withFlippedBit(bytes, random));
          readCount++;
          for (const tensor of model.graph.initializers.values()) tensor.bytes();
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'AppError', code: expect.stringMatching(/^model\.(invalid|corrupt)$/) });
        }
      }
    }
    expect(readCount).toBeGreaterThan(0);
  });

  test('a tensor larger than 2 GiB in a small file allocates nothing', () => {
    const claim = (fields: [number, number | string | Buffer][]) =>
      message([
        [1, 8],
        [7, [[5, message(fields)]]],
      ]);
    const huge: [number, number | string | Buffer][] = [
      [1, 2 ** 40],
      [2, 7],
      [8, 'w'],
    ];

    expect(() => readBytes(claim([...huge, [9, Buffer.alloc(8)]]))).toThrow(corrupt);
    using model = readBytes(claim([...huge, [7, Buffer.alloc(8)]]));
    expect(() => model.graph.initializers.get('w')!.bytes()).toThrow(corrupt);
  });
});

test('a graph of our own with a scalar reads back as one', async () => {
  const path = join(folder, 'scalar.onnx');
  const initializers = new Map([['s', tensorOf(Float32Array.of(2.5), [])]]);
  const graph = { name: '', nodes: [], inputs: [], outputs: [], initializers };
  await writeOnnx(path, { irVersion: 8, producer: '', opsets: new Map([['', 17]]), graph });

  using model = readOnnx(path);
  expect(model.graph.initializers.get('s')!.shape).toEqual([]);
  expect(Buffer.from(model.graph.initializers.get('s')!.bytes()).readFloatLE()).toBe(2.5);
});
