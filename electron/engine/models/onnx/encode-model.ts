/** @file A model in memory as the pieces of an ONNX file. */
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import { messageField, bytesField, floatField, pieceSize, varintField, type Piece } from './encode.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import {
  attributeFields,
  attributeTypes,
  dimensionFields,
  elementTypeCodes,
  entryFields,
  externalLocation,
  graphFields,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueFields,
} from './schema.ts';

/** Since this version initializers need not be inputs too, which is how graphs are held here. Source: onnx.proto. */
const minIrVersion = 4;

/** Where a tensor lies that is not in the ONNX file itself. */
export interface Place {
  /** In the same folder. */
  file: string;
  /** In bytes. */
  offset: number;
}

/** @returns null for a tensor that shall lie in the ONNX file */
export type Placing = (tensor: LazyTensor) => Place | null;

const inside: Placing = () => null;

/**
 * @param place  asked of each initializer, in their order
 * @throws {AppError} 'model.invalid' if an input has a type we do not know
 */
export function encodeModel(
  { irVersion, opsets, graph, functions = [], metadata = new Map() }: OnnxModel,
  place: Placing = inside,
): Piece[] {
  return [
    varintField(modelFields.irVersion, Math.max(minIrVersion, irVersion)),
    bytesField(modelFields.producerName, 'Labelwright'),
    ...messageField(modelFields.graph, encodeGraph(graph, place)),
    ...Array.from(opsets, ([domain, version]) =>
      messageField(modelFields.opsetImport, [
        bytesField(opsetFields.domain, domain),
        varintField(opsetFields.version, version),
      ]),
    ).flat(),
    ...Array.from(metadata, ([key, value]) =>
      messageField(modelFields.metadata, [bytesField(entryFields.key, key), bytesField(entryFields.value, value)]),
    ).flat(),
    ...functions.map((encoded) => bytesField(modelFields.functions, encoded)),
  ];
}

function encodeGraph(
  { name, nodes, inputs, outputs, initializers, opaque = new Map() }: OnnxGraph,
  place: Placing,
): Piece[] {
  return [
    ...nodes.flatMap((node) => messageField(graphFields.node, encodeNode(node))),
    bytesField(graphFields.name, name),
    ...Array.from(initializers, ([tensorName, tensor]) =>
      messageField(graphFields.initializer, encodeTensor(tensor, tensorName, place(tensor))),
    ).flat(),
    ...Array.from(opaque.values(), (encoded) => bytesField(graphFields.initializer, encoded())),
    ...inputs.flatMap((value) => messageField(graphFields.input, encodeInput(value))),
    ...outputs.flatMap((value) => messageField(graphFields.output, encodeValue(value))),
  ];
}

function encodeNode({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): Piece[] {
  return [
    ...inputs.map((input) => bytesField(nodeFields.input, input)),
    ...outputs.map((output) => bytesField(nodeFields.output, output)),
    bytesField(nodeFields.name, name),
    bytesField(nodeFields.operator, operator),
    ...Array.from(attributes, ([attributeName, attribute]) =>
      messageField(nodeFields.attribute, encodeAttribute(attributeName, attribute)),
    ).flat(),
    ...(domain === '' ? [] : [bytesField(nodeFields.domain, domain)]),
  ];
}

function encodeAttribute(name: string, attribute: OnnxAttribute): Piece[] {
  if (attribute.type === 'raw') return [attribute.value];
  return [
    bytesField(attributeFields.name, name),
    varintField(attributeFields.type, attributeTypes[attribute.type]),
    ...encodeAttributeValue(attribute),
  ];
}

function encodeAttributeValue(attribute: Exclude<OnnxAttribute, { type: 'raw' }>): Piece[] {
  switch (attribute.type) {
    case 'float':
      return [floatField(attributeFields.float, attribute.value)];
    case 'int':
      return [varintField(attributeFields.int, attribute.value)];
    case 'string':
      return [bytesField(attributeFields.string, attribute.value)];
    case 'floats':
      return attribute.value.map((value) => floatField(attributeFields.floats, value));
    case 'ints':
      return attribute.value.map((value) => varintField(attributeFields.ints, value));
    case 'strings':
      return attribute.value.map((value) => bytesField(attributeFields.strings, value));
    case 'tensor':
      return messageField(attributeFields.tensor, encodeTensor(attribute.value, '', null));
  }
}

function encodeTensor(tensor: LazyTensor, name: string, place: Place | null): Piece[] {
  return [
    ...tensor.shape.map((size) => varintField(tensorFields.dims, size)),
    varintField(tensorFields.type, elementTypeCodes.get(tensor.type)!),
    ...(name === '' ? [] : [bytesField(tensorFields.name, name)]),
    ...(place ? encodePlace(tensor, place) : messageField(tensorFields.raw, [tensor])),
  ];
}

function encodePlace(tensor: LazyTensor, { file, offset }: Place): Piece[] {
  const entries = { location: file, offset: `${offset}`, length: `${pieceSize(tensor)}` };
  return [
    ...Object.entries(entries).flatMap(([key, value]) =>
      messageField(tensorFields.externalData, [bytesField(entryFields.key, key), bytesField(entryFields.value, value)]),
    ),
    varintField(tensorFields.dataLocation, externalLocation),
  ];
}

function encodeInput(value: OnnxValue): Piece[] {
  if (!elementTypeCodes.has(value.type)) {
    throw new AppError('model.invalid', `The input "${value.name}" is no array of numbers`);
  }
  return encodeValue(value);
}

/** An output may go without its type: whoever loads the file infers it. An empty shape is left out likewise. */
function encodeValue({ name, type, shape }: OnnxValue): Piece[] {
  const code = elementTypeCodes.get(type);
  if (code === undefined) return [bytesField(valueFields.name, name)];
  const dimensions = shape.flatMap((size) => messageField(shapeFields.dimension, encodeDimension(size)));
  return [
    bytesField(valueFields.name, name),
    ...messageField(
      valueFields.type,
      messageField(typeFields.tensor, [
        varintField(tensorTypeFields.elementType, code),
        ...(shape.length === 0 ? [] : messageField(tensorTypeFields.shape, dimensions)),
      ]),
    ),
  ];
}

function encodeDimension(size: number | string | null): Piece[] {
  if (size === null) return [];
  if (typeof size === 'string') return [bytesField(dimensionFields.name, size)];
  return [varintField(dimensionFields.size, size)];
}
