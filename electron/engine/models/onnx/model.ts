/** @file An ONNX model in memory: its structure whole, its weights where they lie. */
import type { LazyTensor } from '#core/tensor.ts';

export interface OnnxModel {
  irVersion: number;
  producer: string;
  /** By domain; '' is ONNX itself. */
  opsets: ReadonlyMap<string, number>;
  graph: OnnxGraph;
}

export interface OnnxGraph {
  name: string;
  /** In an order in which they can run. */
  nodes: OnnxNode[];
  /** Without those that are initializers. */
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  initializers: Map<string, LazyTensor>;
}

/** A name with its type, as declared at the edge of a graph. */
export interface OnnxValue {
  name: string;
  /** ONNX element type in words ('float32', 'uint8', …); 'other' for what we never feed. */
  type: string;
  /** A string names a size that is free; null is unknown. */
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
  /** Anything else (graphs, sparse tensors, …): the encoded AttributeProto, written again as it was. */
  | { type: 'raw'; value: Uint8Array };
