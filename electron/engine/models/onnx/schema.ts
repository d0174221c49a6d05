/**
 * @file Field numbers and codes of ONNX files, as far as we read and write them.
 *
 * Source: onnx.proto of onnx 1.23 (IR version 14); fields are never renumbered.
 */

export const modelFields = {
  irVersion: 1,
  producerName: 2,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  trainingInfo: 20,
  functions: 25,
} as const;

export const opsetFields = { domain: 1, version: 2 } as const;

export const functionFields = { node: 7, domain: 10 } as const;

export const graphFields = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  sparseInitializer: 15,
} as const;

export const nodeFields = {
  input: 1,
  output: 2,
  name: 3,
  operator: 4,
  attribute: 5,
  domain: 7,
  overload: 8,
} as const;

export const attributeFields = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
  referenceName: 21,
  sparse: 22,
  sparses: 23,
} as const;

/** AttributeProto.AttributeType */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export const tensorFields = {
  dims: 1,
  type: 2,
  segment: 3,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  externalData: 13,
  dataLocation: 14,
} as const;

/** StringStringEntryProto */
export const entryFields = { key: 1, value: 2 } as const;

/** TensorProto.DataLocation.EXTERNAL */
export const externalLocation = 1;

export const sparseFields = { values: 1, indices: 2 } as const;

export const valueFields = { name: 1, type: 2 } as const;
export const typeFields = { tensor: 1 } as const;
export const tensorTypeFields = { elementType: 1, shape: 2 } as const;
export const shapeFields = { dimension: 1 } as const;
export const dimensionFields = { size: 1, name: 2 } as const;

/** TensorProto.DataType, in words. */
export const elementTypeNames: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
};

export const elementTypeCodes: ReadonlyMap<string, number> = new Map(
  Object.entries(elementTypeNames).map(([code, name]) => [name, Number(code)]),
);
