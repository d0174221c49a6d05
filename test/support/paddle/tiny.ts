/** @file The tiny ResNeXt-vd of `test/fixtures/paddle`, in each of Paddle's file forms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Weights } from './params.ts';
import type { ProgramWriter } from './program.ts';

export const tinyFolder = join(import.meta.dirname, '../../fixtures/paddle');

export interface Tiny {
  /** By PaddleClas' names, in the order of the network. */
  weights: Map<string, Weights>;
  input: Weights;
  features: Weights;
  logits: Weights;
  scores: Weights;
}

export function readTiny(): Tiny {
  interface Stored {
    shape: number[];
    data: string;
  }
  const read = ({ shape, data }: Stored): Weights => {
    const stored = Buffer.from(data, 'base64');
    return { shape, values: Float32Array.from({ length: stored.length / 4 }, (_, at) => stored.readFloatLE(at * 4)) };
  };
  const content = JSON.parse(readFileSync(join(tinyFolder, 'tiny.json'), 'utf8')) as Record<string, Stored> & {
    weights: Record<string, Stored>;
  };
  const { input, features, logits, scores } = content;
  return {
    weights: new Map(Object.entries(content.weights).map(([name, stored]) => [name, read(stored)])),
    input: read(input!),
    features: read(features!),
    logits: read(logits!),
    scores: read(scores!),
  };
}

/**
 * Names of an exported program ('conv2d_10.w_0'): by count, so that sorted they stand in another order.
 *
 * @param names  PaddleClas' names in the order of the network
 */
export function programNames(names: Iterable<string>): Map<string, string> {
  const parts = { weight: 'w_0', bias: 'b_0', _mean: 'w_1', _variance: 'w_2' };
  let layer = -1;
  return new Map(
    Array.from(names, (name) => {
      if (/_conv\.weight$/.test(name)) layer++;
      const part = parts[name.slice(name.lastIndexOf('.') + 1) as keyof typeof parts];
      if (name.startsWith('out.')) return [name, `linear_0.${part}`];
      return [name, name.includes('_conv.') ? `conv2d_${layer}.${part}` : `batch_norm2d_${layer}.${part}`];
    }),
  );
}

/** Write the network's operators. @param end  how pooled channels become rows */
export function writeTiny<Value>(
  writer: ProgramWriter<Value>,
  { weights }: Tiny,
  end: 'flatten' | 'reshape' = 'reshape',
): void {
  const names = programNames(weights.keys());
  for (const [name, { shape }] of weights) writer.parameter(names.get(name)!, shape);

  const convNorm = (x: Value, layer: string, { stride = 1, groups = 1, relu = true } = {}): Value => {
    const filter = `${layer}._conv.weight`;
    const padding = (weights.get(filter)!.shape[2]! - 1) / 2;
    const part = (name: string) => names.get(`${layer}._batch_norm.${name}`)!;
    const y = writer.norm(writer.convolution(x, names.get(filter)!, { stride, padding, groups }), {
      scale: part('weight'),
      bias: part('bias'),
      mean: part('_mean'),
      variance: part('_variance'),
    });
    return relu ? writer.relu(y) : y;
  };
  const block = (x: Value, layer: string, stride: number, shortcut: 'conv' | 'pool' | 'identity'): Value => {
    let y = convNorm(x, `${layer}.conv0`);
    y = convNorm(y, `${layer}.conv1`, { stride, groups: 4 });
    y = convNorm(y, `${layer}.conv2`, { relu: false });
    let short = x;
    if (shortcut === 'pool') short = writer.pool(short, { kind: 'avg', size: 2, stride: 2, padding: 0, ceil: true });
    if (shortcut !== 'identity') short = convNorm(short, `${layer}.short`, { relu: false });
    return writer.relu(writer.add(short, y));
  };

  let x = writer.input('x', [-1, 3, 18, 18]);
  x = convNorm(x, 'conv1_1', { stride: 2 });
  x = convNorm(x, 'conv1_2');
  x = convNorm(x, 'conv1_3');
  x = writer.pool(x, { kind: 'max', size: 3, stride: 2, padding: 1 });
  x = block(x, 'bb_0_0', 1, 'conv');
  x = block(x, 'bb_1_0', 2, 'pool');
  x = block(x, 'bb_1_1', 1, 'identity');
  x = writer.pool(x, { kind: 'avg', size: 1, stride: 1, padding: 0, adaptive: true });
  x = end === 'flatten' ? writer.flatten(x) : writer.reshape(x, [-1, 24]);
  x = writer.linear(x, 'linear_0.w_0', 'linear_0.b_0');
  writer.output(writer.scale(writer.softmax(x)));
}

/** The weights under the names of the program. */
export function programWeights({ weights }: Tiny): Map<string, Weights> {
  const names = programNames(weights.keys());
  return new Map(Array.from(weights, ([name, value]) => [names.get(name)!, value]));
}
