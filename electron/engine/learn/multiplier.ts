/** @file Products of matrices in onnxruntime: two graphs of one node each, on memory that is not copied. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import { sessionOptions } from '../inference/session-options.ts';
import { encodeModel } from '../models/onnx/encode-model.ts';
import type { OnnxModel } from '../models/onnx/model.ts';
import type { Matrix, Multiplier } from './head-model.ts';

/**
 * Opens in a few milliseconds and holds next to no memory.
 *
 * @param threads  intra-op; one leaves the other cores to labeling
 * @throws {AppError} 'inference.failed' from the products too, if the runtime fails
 */
export async function openMultiplier(threads = 1): Promise<Multiplier> {
  const transposedSecond = await openProduct('transB', threads);
  const transposedFirst = await openProduct('transA', threads);
  return {
    async timesTransposed(a, b) {
      checkWidths(a.width, b.width);
      return product(transposedSecond, a, b, a.rows, b.rows);
    },
    async transposedTimes(a, b) {
      checkWidths(a.rows, b.rows);
      return product(transposedFirst, a, b, a.width, b.width);
    },
    async [Symbol.asyncDispose]() {
      await transposedSecond.release();
      await transposedFirst.release();
    },
  };
}

async function openProduct(transposed: 'transA' | 'transB', threads: number): Promise<InferenceSession> {
  const bytes = Buffer.concat(encodeModel(productModel(transposed)).map((piece) => piece as Uint8Array));
  return InferenceSession.create(bytes, sessionOptions('cpu', threads));
}

function productModel(transposed: 'transA' | 'transB'): OnnxModel {
  const matrix = (name: string) => ({ name, type: 'float32', shape: [`${name} rows`, `${name} width`] });
  return {
    irVersion: 8,
    producer: 'Labelwright',
    opsets: new Map([['', 17]]),
    graph: {
      name: 'product',
      nodes: [
        {
          name: 'product',
          operator: 'Gemm',
          domain: '',
          inputs: ['a', 'b'],
          outputs: ['product'],
          attributes: new Map([[transposed, { type: 'int', value: 1 }]]),
        },
      ],
      inputs: [matrix('a'), matrix('b')],
      outputs: [matrix('product')],
      initializers: new Map(),
    },
  };
}

async function product(session: InferenceSession, a: Matrix, b: Matrix, rows: number, width: number): Promise<Matrix> {
  const values = new Float32Array(rows * width);
  // The runtime takes no tensor without elements; a sum over nothing is 0.
  if (values.length === 0 || a.values.length === 0) return { values, rows, width };
  try {
    // Given the memory to write to, it makes no copy of what it computed.
    await session.run({ a: tensor(a), b: tensor(b) }, { product: new Tensor('float32', values, [rows, width]) });
  } catch (cause) {
    throw new AppError('inference.failed', `A product of matrices failed: ${String(cause).slice(0, 300)}`, { cause });
  }
  return { values, rows, width };
}

function tensor({ values, rows, width }: Matrix): Tensor {
  return new Tensor('float32', values, [rows, width]);
}

function checkWidths(first: number, second: number): void {
  if (first !== second) {
    throw new AppError('internal', `Matrices of ${first} and ${second} do not go together`);
  }
}
