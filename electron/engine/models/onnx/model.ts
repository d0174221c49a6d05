/** @file An ONNX model in memory: its structure whole, its weights where they lie. */
import type { LazyTensor } from '#core/tensor.ts';

export interface OnnxModel {
  irVersion: number;
  producer: string;
  /** By domain; '' is ONNX itself. */
  opsets: ReadonlyMap<string, number>;
  graph: OnnxGraph;
  /** Functions that the file defines for its own nodes: encoded FunctionProtos, written again as they were. */
  functions?: readonly Uint8Array[];
  /** What programs noted about the model, by key; the runtime tells it as custom metadata. */
  metadata?: ReadonlyMap<string, string>;
}

export interface OnnxGraph {
  name: string;
  /** In an order in which they can run. */
  nodes: OnnxNode[];
  /** Without those that are initializers. */
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  initializers: Map<string, LazyTensor>;
  /** Initializers of element types that no {@link LazyTensor} has: encoded TensorProtos, written again as they were. */
  opaque?: ReadonlyMap<string, () => Uint8Array>;
}

/** A name with its type, as declared at the edge of a graph. */
export interface OnnxValue {
  name: string;
  /** ONNX element type in words ('float32', 'uint8', …); 'other' for what we never feed. */
  type: string;
  /** A string names a size that is free; null is unknown. [] also stands for a shape that nobody declared. */
  shape: (number | string | null)[];
}

export interface OnnxNode {
  name: string;
  operator: string;
  /** '' for ONNX itself. */
  domain: string;
  /** '' where an optional input is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
}

export type OnnxAttribute =
  | { type: 'float'; value: number }
  | { type: 'int'; value: number }
  | { type: 'string'; value: string }
  | { type: 'floats'; value: number[] }
  | { type: 'ints'; value: number[] }
  | { type: 'strings'; value: string[] }
  | { type: 'tensor'; value: LazyTensor }
  /** Anything else (graphs, integers beyond 2^53, …): the encoded AttributeProto, written again as it was. */
  | { type: 'raw'; value: Uint8Array };
