/** @file ValueInfoProtos: the inputs and outputs of a graph with their types. */
import type { OnnxValue } from './model.ts';
import type { Field } from './protobuf.ts';
import { invalid, type Reading } from './reading.ts';
import { dimensionFields, elementTypeNames, shapeFields, tensorTypeFields, typeFields, valueFields } from './schema.ts';

/** @throws {AppError} 'model.invalid' */
export function readValue(reading: Reading, { start, end }: Field): OnnxValue {
  reading.keep(2);
  const value: OnnxValue = { name: '', type: 'other', shape: [] };
  for (const field of reading.fields(start, end)) {
    if (field.number === valueFields.name) value.name = reading.name(field);
    if (field.number === valueFields.type) {
      for (const type of reading.fields(field.start, field.end)) {
        if (type.number === typeFields.tensor) Object.assign(value, readTensorType(reading, type));
      }
    }
  }
  if (value.name === '') throw invalid('an input or output of it has no name');
  return value;
}

function readTensorType(reading: Reading, { start, end }: Field): Pick<OnnxValue, 'type' | 'shape'> {
  const shape: OnnxValue['shape'] = [];
  let type = 'other';
  for (const field of reading.fields(start, end)) {
    if (field.number === tensorTypeFields.elementType) type = elementTypeNames[field.value] ?? 'other';
    if (field.number === tensorTypeFields.shape) {
      for (const dimension of reading.fields(field.start, field.end)) {
        if (dimension.number === shapeFields.dimension) shape.push(readDimension(reading, dimension));
      }
    }
  }
  return { type, shape };
}

function readDimension(reading: Reading, { start, end }: Field): number | string | null {
  reading.keep(1);
  let dimension: number | string | null = null;
  for (const field of reading.fields(start, end)) {
    if (field.number === dimensionFields.size) {
      // Old exporters write −1 or 0 for a size that is free.
      dimension = field.signed > 0 ? field.signed : null;
      if (field.signed > Number.MAX_SAFE_INTEGER) throw invalid('an input or output of it is impossibly large');
    }
    if (field.number === dimensionFields.name) dimension = reading.name(field) || null;
  }
  return dimension;
}
