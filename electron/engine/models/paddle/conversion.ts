/** @file An ONNX graph growing out of a Paddle program: which value is which, and what has been written so far. */
import { AppError } from '#core/errors.ts';
import { elementSizes, tensorOf, type LazyTensor } from '#core/tensor.ts';
import type { OnnxAttribute, OnnxNode } from '../onnx/model.ts';
import { unsupported, type PaddleOperator, type PaddleProgram } from './program.ts';

export class Conversion {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, LazyTensor>();
  readonly #shapes: PaddleProgram['shapes'];
  readonly #parameters: ReadonlyMap<string, LazyTensor>;
  /** Paddle's values by what they are called in the graph now: programs may write a value a second time. */
  readonly #values = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor({ shapes }: PaddleProgram, parameters: ReadonlyMap<string, LazyTensor>, reserved: readonly string[]) {
    this.#shapes = shapes;
    this.#parameters = parameters;
    this.#taken = new Set(reserved);
  }

  /** Give a value its name in the graph. */
  define(value: string, name = this.#free(value)): string {
    this.#values.set(value, name);
    return name;
  }

  /** The name of a value in the graph; a parameter enters it here. @throws {AppError} 'model.invalid' if nobody made it */
  nameOf(value: string): string {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const parameter = this.#parameters.get(value);
    if (!parameter) {
      throw new AppError(
        'model.invalid',
        `The Paddle model is incomplete: nothing makes the value "${value.slice(0, 80)}"`,
      );
    }
    if (parameter.type !== 'float32') throw unsupported(`the weights "${value}" are ${parameter.type}, not float32`);
    const name = this.define(value);
    this.initializers.set(name, parameter);
    return name;
  }

  /** Paddle's name of an operator's one value. @throws {AppError} 'model.invalid' if there is none or several */
  valueOf({ label, inputs }: PaddleOperator, slot: string): string {
    const values = inputs.get(slot) ?? [];
    if (values.length !== 1) {
      throw new AppError(
        'model.invalid',
        `The Paddle model is incomplete: "${slot}" of the operator "${label}" is missing`,
      );
    }
    return values[0]!;
  }

  has({ inputs }: PaddleOperator, slot: string): boolean {
    return (inputs.get(slot)?.length ?? 0) > 0;
  }

  input(operator: PaddleOperator, slot: string): string {
    return this.nameOf(this.valueOf(operator, slot));
  }

  /** The stored weights an operator takes; null if they are computed. */
  parameter(operator: PaddleOperator, slot: string): LazyTensor | null {
    const value = this.valueOf(operator, slot);
    return this.#values.has(value) && !this.initializers.has(this.#values.get(value)!)
      ? null
      : (this.#parameters.get(value) ?? null);
  }

  /** @throws {AppError} 'model.unsupported' if the weights are computed, 'model.invalid' if their rank is another */
  weights(operator: PaddleOperator, slot: string, rank: number): LazyTensor {
    const tensor = this.parameter(operator, slot);
    if (!tensor) throw unsupported(`"${slot}" of the operator "${operator.label}" is computed instead of stored`);
    if (tensor.shape.length === rank) return tensor;
    throw new AppError(
      'model.invalid',
      `The weights "${this.valueOf(operator, slot)}" are [${tensor.shape.join(', ')}], and "${operator.label}" needs ${rank} sizes`,
    );
  }

  /** Declared sizes of a value, or null. */
  shapeOf(value: string): readonly number[] | null {
    return this.#parameters.get(value)?.shape ?? this.#shapes.get(value) ?? null;
  }

  /** @param tensor  float32, or int64 for sizes */
  constant(hint: string, tensor: LazyTensor): string {
    const name = this.#free(hint);
    this.initializers.set(name, tensor);
    return name;
  }

  /**
   * Add a node whose one output is the operator's value in `slot`.
   *
   * @returns the output's name
   */
  emit(
    operator: PaddleOperator,
    slot: string,
    node: string,
    inputs: string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.node(node, inputs, this.define(this.outputOf(operator, slot)), attributes);
  }

  /** Add a node in the middle of an operator. @returns the output's name */
  inner(
    hint: string,
    node: string,
    inputs: string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.node(node, inputs, this.#free(hint), attributes);
  }

  node(
    operator: string,
    inputs: string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const name = `${operator}_${this.nodes.length}`;
    this.nodes.push({
      name,
      operator,
      domain: '',
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    });
    return output;
  }

  outputOf({ label, outputs }: PaddleOperator, slot: string): string {
    const values = outputs.get(slot) ?? [];
    if (values.length !== 1) {
      throw new AppError(
        'model.invalid',
        `The Paddle model is incomplete: the operator "${label}" has no output "${slot}"`,
      );
    }
    return values[0]!;
  }

  /** Take a name that nothing in the graph has. @returns it, or one like it */
  reserve(wanted: string): string {
    return this.#free(wanted);
  }

  /** Values known by one name are known by another from now on. */
  rename(from: string, to: string): void {
    for (const [value, name] of this.#values) if (name === from) this.#values.set(value, to);
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let count = 1; this.#taken.has(name); count++) name = `${wanted}.${count}`;
    this.#taken.add(name);
    return name;
  }
}

export function ints(value: readonly number[]): OnnxAttribute {
  return { type: 'ints', value: [...value] };
}

export function int(value: number): OnnxAttribute {
  return { type: 'int', value };
}

/** @returns a tensor of shape [] */
export function scalar(value: number): LazyTensor {
  return tensorOf(Float32Array.of(value), []);
}

/** @returns an int64 tensor of shape [values.length] */
export function sizes(values: readonly number[]): LazyTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { type: 'int64', shape: [values.length], bytes: () => bytes };
}

/**
 * @param tensor  shape [R, C]
 * @returns       shape [C, R], turned when it is read
 */
export function transposed(tensor: LazyTensor): LazyTensor {
  const [rows, columns] = tensor.shape as [number, number];
  const size = elementSizes[tensor.type];
  const bytes = (): Uint8Array => {
    const from = tensor.bytes();
    const turned = new Uint8Array(from.length);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = (row * columns + column) * size;
        turned.set(from.subarray(at, at + size), (column * rows + row) * size);
      }
    }
    return turned;
  };
  return { type: tensor.type, shape: [columns, rows], bytes };
}
