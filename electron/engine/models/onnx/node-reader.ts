/** @file NodeProtos and their attributes. */
import type { LazyTensor } from '#core/tensor.ts';
import type { OnnxAttribute, OnnxNode } from './model.ts';
import type { Field } from './protobuf.ts';
import { invalid, type Reading } from './reading.ts';
import { attributeFields, attributeTypes, nodeFields } from './schema.ts';
import { readTensor, type ReadRange } from './tensor-reader.ts';

/** A node with its lists and its map is worth several numbers. */
const nodeEntries = 8;

/** 'ai.onnx' is the long name of ONNX' own operators. */
export function domainOf(name: string): string {
  return name === 'ai.onnx' ? '' : name;
}

/** @throws {AppError} 'model.invalid', 'model.corrupt' */
export function readNode(reading: Reading, read: ReadRange, { start, end }: Field): OnnxNode {
  reading.keep(nodeEntries);
  const node: OnnxNode = { name: '', operator: '', domain: '', inputs: [], outputs: [], attributes: new Map() };
  for (const field of reading.fields(start, end)) {
    switch (field.number) {
      case nodeFields.input:
        node.inputs.push(reading.name(field));
        break;
      case nodeFields.output:
        node.outputs.push(reading.name(field));
        break;
      case nodeFields.name:
        node.name = reading.name(field);
        break;
      case nodeFields.operator:
        node.operator = reading.name(field);
        break;
      case nodeFields.domain:
        node.domain = domainOf(reading.name(field));
        break;
      case nodeFields.attribute: {
        const { name, attribute } = readAttribute(reading, read, field);
        if (node.attributes.has(name)) throw invalid(`a node of it has two attributes "${name}"`);
        node.attributes.set(name, attribute);
        break;
      }
      case nodeFields.overload:
        // Would be lost when written again, and another function would run.
        if (field.end > field.start) throw invalid('it has several functions of one name');
    }
  }
  if (node.operator === '') throw invalid('a node of it has no operator');
  return node;
}

/** Everything an AttributeProto can hold of what we read. */
interface Values {
  name: string;
  type: number;
  /** Names an attribute of the function around it. */
  isReference: boolean;
  float: number;
  int: number;
  string: string | null;
  tensor: LazyTensor | null;
  floats: number[];
  ints: number[];
  strings: (string | null)[];
}

function readAttribute(reading: Reading, read: ReadRange, field: Field): { name: string; attribute: OnnxAttribute } {
  reading.keep(2);
  const values = readValues(reading, read, field);
  if (values.name === '') throw invalid('an attribute in it has no name');
  return { name: values.name, attribute: known(values) ?? { type: 'raw', value: reading.bytes(field) } };
}

function readValues(reading: Reading, read: ReadRange, { start, end }: Field): Values {
  const values: Values = {
    name: '',
    type: 0,
    isReference: false,
    float: 0,
    int: 0,
    string: '',
    tensor: null,
    floats: [],
    ints: [],
    strings: [],
  };
  for (const field of reading.fields(start, end)) {
    switch (field.number) {
      case attributeFields.name:
        values.name = reading.name(field);
        break;
      case attributeFields.type:
        values.type = field.value;
        break;
      case attributeFields.referenceName:
        values.isReference = true;
        break;
      case attributeFields.float:
        values.float = reading.float(field);
        break;
      case attributeFields.int:
        values.int = field.signed;
        break;
      case attributeFields.string:
        values.string = reading.text(field);
        break;
      case attributeFields.tensor:
        values.tensor = readTensor(reading, read, field).tensor;
        break;
      case attributeFields.floats:
        for (const value of reading.floats(field)) values.floats.push(value);
        break;
      case attributeFields.ints:
        for (const value of reading.integers(field)) values.ints.push(value);
        break;
      case attributeFields.strings:
        values.strings.push(reading.text(field));
    }
  }
  return values;
}

/** @returns null for what has to be kept as it is, because writing it from these values would change it */
function known(values: Values): OnnxAttribute | null {
  if (values.isReference) return null;
  switch (values.type) {
    case attributeTypes.float:
      return { type: 'float', value: values.float };
    case attributeTypes.int:
      return Number.isSafeInteger(values.int) ? { type: 'int', value: values.int } : null;
    case attributeTypes.string:
      return values.string === null ? null : { type: 'string', value: values.string };
    case attributeTypes.tensor:
      return values.tensor && { type: 'tensor', value: values.tensor };
    case attributeTypes.floats:
      return { type: 'floats', value: values.floats };
    case attributeTypes.ints:
      return values.ints.every(Number.isSafeInteger) ? { type: 'ints', value: values.ints } : null;
    case attributeTypes.strings: {
      const strings = values.strings.filter((text) => text !== null);
      return strings.length === values.strings.length ? { type: 'strings', value: strings } : null;
    }
    default:
      return null;
  }
}
