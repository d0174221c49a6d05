/** @file What the two writers of Paddle programs have in common: the steps of a network. */

export interface Pool {
  kind: 'max' | 'avg';
  size: number;
  stride: number;
  padding: number;
  ceil?: boolean;
  adaptive?: boolean;
}

/** Values are handles that the writer gives out; parameters are named. */
export interface ProgramWriter<Value> {
  input(name: string, shape: number[]): Value;
  parameter(name: string, shape: readonly number[]): void;
  convolution(x: Value, filter: string, options: { stride: number; padding: number; groups: number }): Value;
  norm(x: Value, names: { scale: string; bias: string; mean: string; variance: string }): Value;
  relu(x: Value): Value;
  pool(x: Value, pool: Pool): Value;
  add(x: Value, y: Value): Value;
  flatten(x: Value): Value;
  reshape(x: Value, shape: number[]): Value;
  /** x × weights + bias */
  linear(x: Value, weights: string, bias: string): Value;
  softmax(x: Value): Value;
  /** × 1 + 0, as exports end. */
  scale(x: Value): Value;
  output(x: Value): void;
}
