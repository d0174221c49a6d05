/** @file What a rule for the shapes of an operator is, and the arithmetic they share. */
import type { OnnxNode } from './model.ts';

export type Shape = readonly number[];

export interface ShapeContext {
  /** Of an input of the node; null if unknown or left out. */
  shape: (index: number) => Shape | null;
  /** Values of an input of whole numbers; null if unknown or left out. */
  integers: (index: number) => readonly number[] | null;
}

/** @returns the shape of the first output, or a list of those of several; null if it cannot be told */
export type ShapeRule = (node: OnnxNode, context: ShapeContext) => Shape | Shape[] | null;

/** Source: ONNX, "Broadcasting": aligned at the last axis, 1 goes with any size. */
export function broadcast(shapes: readonly (Shape | null)[]): Shape | null {
  let result: number[] = [];
  for (const shape of shapes) {
    if (!shape) return null;
    const rank = Math.max(result.length, shape.length);
    const at = (sizes: Shape, axis: number) => sizes[axis - rank + sizes.length] ?? 1;
    const sizes: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const [a, b] = [at(result, axis), at(shape, axis)];
      if (a !== b && a !== 1 && b !== 1) return null;
      sizes.push(a === 1 ? b : a);
    }
    result = sizes;
  }
  return result;
}

export function product(sizes: Shape): number {
  return sizes.reduce((count, size) => count * size, 1);
}

/** Without some axes, or with 1 in their place; no axes means all. */
export function reduced(input: Shape | null, axes: readonly number[], keep: boolean): Shape | null {
  if (!input) return null;
  const gone = (axis: number) => axes.length === 0 || axes.includes(axis) || axes.includes(axis - input.length);
  return input.flatMap((size, axis) => (gone(axis) ? (keep ? [1] : []) : [size]));
}
