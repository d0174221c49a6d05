/** @file Shapes of operators that move numbers without computing any. */
import { intAttribute, intsAttribute } from './attributes.ts';
import type { OnnxNode } from './model.ts';
import { broadcast, product, reduced, type Shape, type ShapeContext } from './shape-rule.ts';

export function concat(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  const shapes = node.inputs.map((_, index) => shape(index));
  const [first] = shapes;
  if (!first || !shapes.every((each) => each?.length === first.length)) return null;
  const axis = intAttribute(node, 'axis', 0);
  const joined = axis < 0 ? axis + first.length : axis;
  return first.map((size, at) => (at === joined ? shapes.reduce((sum, each) => sum + each![at]!, 0) : size));
}

export function flatten(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  const input = shape(0);
  if (!input) return null;
  const axis = intAttribute(node, 'axis', 1);
  const at = axis < 0 ? axis + input.length : axis;
  return [product(input.slice(0, at)), product(input.slice(at))];
}

export function reshape(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const input = shape(0);
  const wanted = node.inputs[1] ? integers(1) : intsAttribute(node, 'shape');
  if (!input || !wanted) return null;
  const copies = intAttribute(node, 'allowzero', 0) === 0;
  const sizes = wanted.map((size, axis) => (size === 0 && copies ? (input[axis] ?? 0) : size));
  const rest = product(sizes.filter((size) => size !== -1));
  const result = sizes.map((size) => (size === -1 ? product(input) / rest : size));
  return product(result) === product(input) && result.every((size) => Number.isInteger(size) && size >= 0)
    ? result
    : null;
}

export function transpose(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  const input = shape(0);
  if (!input) return null;
  const order = intsAttribute(node, 'perm') ?? input.map((_, axis) => input.length - 1 - axis);
  const result = order.map((axis) => input[axis]);
  return result.every((size) => size !== undefined) ? result : null;
}

export function squeeze(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const input = shape(0);
  const axes = node.inputs[1] ? integers(1) : (intsAttribute(node, 'axes') ?? []);
  if (!input || !axes) return null;
  if (axes.length === 0) return input.filter((size) => size !== 1);
  return reduced(input, axes, false);
}

export function unsqueeze(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const input = shape(0);
  const axes = integers(1) ?? intsAttribute(node, 'axes');
  if (!input || !axes) return null;
  const rank = input.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const rest = input.values();
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.next().value ?? 1)));
}

export function pad(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const input = shape(0);
  const pads = integers(1) ?? intsAttribute(node, 'pads');
  if (!input || pads?.length !== input.length * 2 || node.inputs[3]) return null;
  return input.map((size, axis) => size + pads[axis]! + pads[axis + input.length]!);
}

export function expand(_node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  return broadcast([shape(0), integers(1)]);
}

export function gather(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  const [data, indices] = [shape(0), shape(1)];
  if (!data || !indices) return null;
  const axis = intAttribute(node, 'axis', 0);
  return data.toSpliced(axis < 0 ? axis + data.length : axis, 1, ...indices);
}

export function slice(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const input = shape(0);
  const starts = integers(1) ?? intsAttribute(node, 'starts');
  const ends = integers(2) ?? intsAttribute(node, 'ends');
  const axes = node.inputs[3] ? integers(3) : (intsAttribute(node, 'axes') ?? starts?.map((_, axis) => axis));
  const steps = node.inputs[4] ? integers(4) : starts?.map(() => 1);
  if (!input || !starts || !ends || !axes || !steps?.every((step) => step > 0)) return null;
  const result = [...input];
  for (const [index, named] of axes.entries()) {
    const axis = named < 0 ? named + input.length : named;
    const size = input[axis];
    if (size === undefined) return null;
    const within = (at: number) => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    result[axis] = Math.max(0, Math.ceil((within(ends[index]!) - within(starts[index]!)) / steps[index]!));
  }
  return result;
}

export function split(node: OnnxNode, { shape, integers }: ShapeContext): Shape[] | null {
  const input = shape(0);
  const sizes = node.inputs[1] ? integers(1) : intsAttribute(node, 'split');
  if (!input) return null;
  const named = intAttribute(node, 'axis', 0);
  const axis = named < 0 ? named + input.length : named;
  const whole = input[axis];
  if (whole === undefined) return null;
  // Parts of one size; only the last may be smaller.
  const part = Math.ceil(whole / node.outputs.length);
  return node.outputs.map((_, index) => input.with(axis, sizes?.[index] ?? Math.min(part, whole - part * index)));
}
