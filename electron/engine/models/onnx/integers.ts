/** @file Small tensors of integers inside a graph: shapes and axes, as far as they follow from what is known. */
import { elementCount, type LazyTensor } from '#core/tensor.ts';
import { intAttribute, intsAttribute } from './attributes.ts';
import type { OnnxNode } from './model.ts';

/** Longer lists are no shapes. */
const maxLength = 64;

export interface IntegerTensor {
  /** A scalar rather than a list of one. */
  scalar: boolean;
  values: readonly number[];
}

/** @returns null for what is no scalar or short list of int64 or int32 */
export function readIntegers(tensor: LazyTensor): IntegerTensor | null {
  if (tensor.shape.length > 1 || elementCount(tensor.shape) > maxLength) return null;
  if (tensor.type !== 'int64' && tensor.type !== 'int32') return null;
  const bytes = tensor.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: elementCount(tensor.shape) }, (_, index) =>
    tensor.type === 'int64' ? Number(view.getBigInt64(index * 8, true)) : view.getInt32(index * 4, true),
  );
  return { scalar: tensor.shape.length === 0, values };
}

export class Integers {
  readonly #initializers: ReadonlyMap<string, LazyTensor>;
  readonly #known = new Map<string, IntegerTensor | null>();

  constructor(initializers: ReadonlyMap<string, LazyTensor>) {
    this.#initializers = initializers;
  }

  /** @returns null where the values are not known */
  tensor(name: string): IntegerTensor | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const initializer = this.#initializers.get(name);
    const read = initializer ? readIntegers(initializer) : null;
    this.#known.set(name, read);
    return read;
  }

  values(name: string | undefined): readonly number[] | null {
    return name ? (this.tensor(name)?.values ?? null) : null;
  }

  /**
   * Take in what a node makes of integers; nodes come in their order.
   *
   * @param shapes  of the tensors whose shape may count as known
   */
  follow(node: OnnxNode, shapes: ReadonlyMap<string, readonly number[]>): void {
    const rule = node.domain === '' ? rules.get(node.operator) : undefined;
    const result = rule?.(node, (index) => this.#argument(node, index), shapes) ?? null;
    const [output] = node.outputs;
    if (rule && output) this.#known.set(output, result && result.values.length <= maxLength ? result : null);
  }

  #argument(node: OnnxNode, index: number): IntegerTensor | null {
    const name = node.inputs[index];
    return name ? this.tensor(name) : null;
  }
}

type Argument = (index: number) => IntegerTensor | null;
type Shapes = ReadonlyMap<string, readonly number[]>;
type Rule = (node: OnnxNode, argument: Argument, shapes: Shapes) => IntegerTensor | null;

const list = (values: readonly number[]): IntegerTensor => ({ scalar: false, values });

const same: Rule = (_node, argument) => argument(0);

/** Source: the operators' pages of the ONNX documentation, for tensors of one dimension at most. */
const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Identity: same,
    // Whatever the type, these are whole numbers.
    Cast: same,
    Constant: constant,
    Shape: shapeOf,
    Gather: gather,
    Unsqueeze: (_node, argument) => {
      const data = argument(0);
      return data?.scalar ? list(data.values) : null;
    },
    Squeeze: (_node, argument) => {
      const data = argument(0);
      return data?.values.length === 1 ? { scalar: true, values: data.values } : null;
    },
    Concat: (node, argument) => {
      const parts = node.inputs.map((_, index) => argument(index));
      return parts.every((part) => part !== null) ? list(parts.flatMap(({ values }) => values)) : null;
    },
    Slice: slice,
    ReduceProd: (_node, argument) => {
      const data = argument(0);
      return data && { scalar: true, values: [data.values.reduce((product, value) => product * value, 1)] };
    },
    Add: arithmetic((a, b) => a + b),
    Sub: arithmetic((a, b) => a - b),
    Mul: arithmetic((a, b) => a * b),
    Div: arithmetic((a, b) => Math.trunc(a / b)),
    // The sign of the divisor, as in Python.
    Mod: arithmetic((a, b) => ((a % b) + b) % b),
    Equal: arithmetic((a, b) => Number(a === b)),
    Where: (_node, argument) => {
      const [condition, yes, no] = [argument(0), argument(1), argument(2)];
      const lengths = [condition, yes, no].map((each) => each?.values.length);
      if (!condition || !yes || !no || new Set(lengths).size > 1) return null;
      return { ...yes, values: condition.values.map((chosen, index) => (chosen ? yes : no).values[index]!) };
    },
    ConstantOfShape: (node, argument) => {
      const [length, ...more] = argument(0)?.values ?? [];
      const fill = node.attributes.get('value');
      const value = fill?.type === 'tensor' ? readIntegers(fill.value)?.values[0] : undefined;
      if (length === undefined || more.length > 0 || value === undefined || !(length <= maxLength)) return null;
      return list(Array.from({ length: Math.max(0, length) }, () => value));
    },
  }),
);

function constant(node: OnnxNode): IntegerTensor | null {
  const value = node.attributes.get('value') ?? node.attributes.get('value_int') ?? node.attributes.get('value_ints');
  if (value?.type === 'tensor') return readIntegers(value.value);
  if (value?.type === 'int') return { scalar: true, values: [value.value] };
  return value?.type === 'ints' ? list(value.value) : null;
}

function shapeOf(node: OnnxNode, _argument: Argument, shapes: Shapes): IntegerTensor | null {
  const shape = shapes.get(node.inputs[0] ?? '');
  return shape ? list(shape.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', undefined))) : null;
}

function gather(node: OnnxNode, argument: Argument): IntegerTensor | null {
  const [data, indices] = [argument(0), argument(1)];
  if (!data || !indices || data.scalar || intAttribute(node, 'axis', 0) > 0) return null;
  const values = indices.values.map((index) => data.values.at(index));
  return values.every((value) => value !== undefined) ? { scalar: indices.scalar, values } : null;
}

function slice(node: OnnxNode, argument: Argument): IntegerTensor | null {
  const data = argument(0);
  const start = (argument(1)?.values ?? intsAttribute(node, 'starts'))?.[0];
  const end = (argument(2)?.values ?? intsAttribute(node, 'ends'))?.[0];
  const step = node.inputs[4] ? argument(4)?.values[0] : 1;
  if (!data || start === undefined || end === undefined || step !== 1) return null;
  return list(data.values.slice(start, end));
}

function arithmetic(operation: (a: number, b: number) => number): Rule {
  return (_node, argument) => {
    const [a, b] = [argument(0), argument(1)];
    if (!a || !b) return null;
    const length = Math.max(a.values.length, b.values.length);
    const at = ({ values }: IntegerTensor, index: number) => (values.length === 1 ? values[0] : values[index]);
    const values: number[] = [];
    for (let index = 0; index < length; index++) {
      const [left, right] = [at(a, index), at(b, index)];
      if (left === undefined || right === undefined) return null;
      const value = operation(left, right);
      if (!Number.isSafeInteger(value)) return null;
      values.push(value);
    }
    return { scalar: a.scalar && b.scalar, values };
  };
}
