/** @file Paddle's `.pdmodel`: a ProgramDesc message, of which only what the computation needs is read. */
import { AppError } from '#core/errors.ts';
import {
  inFileOrder,
  type PaddleAttribute,
  type PaddleOperator,
  type PaddleParameter,
  type PaddleProgram,
} from './program.ts';
import {
  fields,
  integer,
  malformed,
  optionalText,
  push,
  real,
  sourceOf,
  text,
  type ByteSource,
  type Field,
} from './wire.ts';

/** Field numbers. Source: Paddle, paddle/fluid/framework/framework.proto; 16 and above from netron's paddle-proto.js. */
const programFields = { blocks: 1 };
const blockFields = { vars: 3, ops: 4 };
const varFields = { name: 1, type: 2, persistable: 3 };
const varTypeFields = { type: 1, dense: 3 };
const denseFields = { tensor: 1 };
const tensorFields = { dims: 2 };
const opFields = { inputs: 1, outputs: 2, type: 3, attributes: 4 };
const slotFields = { parameter: 1, values: 2 };
const attributeFields = {
  name: 1,
  type: 2,
  int: 3,
  float: 4,
  text: 5,
  ints: 6,
  floats: 7,
  bool: 10,
  long: 13,
  longs: 15,
  doubles: 16,
  double: 19,
  scalar: 20,
};
const scalarFields = { bool: 2, int: 3, double: 4 };
/** AttrType: INTS, FLOATS, LONGS, FLOAT64S. An empty list is known by this alone. */
const listTypes = new Set([3, 4, 11, 12]);
/** VarType.Type of dense tensors. Feeds, fetch lists, readers and raw variables are persistable and not stored. */
const denseTensor = 7;

/** ResNeXt152 has about 500 operators and 1,500 variables. */
const limits = { operators: 100_000, variables: 200_000 };

/**
 * @param bytes  the whole file
 * @throws {AppError} 'model.invalid' if it is no inference program
 */
export function parseProgramDesc(bytes: Uint8Array): PaddleProgram {
  const source = sourceOf(bytes);
  const shapes = new Map<string, readonly number[]>();
  const parameters = new Map<string, PaddleParameter>();
  const operators: PaddleOperator[] = [];
  let blockCount = 0;

  for (const block of fields(source, 0, bytes.length)) {
    if (block.number !== programFields.blocks) continue;
    // Variables of the blocks behind the first are stored as well; their operators belong to loops and branches.
    const isMain = blockCount++ === 0;
    for (const field of fields(source, block.start, block.end)) {
      if (field.number === blockFields.vars) {
        const { name, shape, isStored } = parseVariable(source, field);
        if (shape) shapes.set(name, shape);
        if (isStored) parameters.set(name, { name, shape: shape ?? [] });
        if (shapes.size > limits.variables || parameters.size > limits.variables) throw malformed();
      } else if (field.number === blockFields.ops && isMain) {
        operators.push(parseOperator(source, field));
        if (operators.length > limits.operators) throw malformed();
      }
    }
  }
  return toProgram(operators, [...parameters.values()], shapes);
}

function toProgram(
  operators: PaddleOperator[],
  parameters: PaddleParameter[],
  shapes: ReadonlyMap<string, readonly number[]>,
): PaddleProgram {
  if (operators.length === 0) throw malformed();
  const feeds = operators
    .filter(({ type }) => type === 'feed')
    .flatMap(({ outputs }) => outputs.get('Out') ?? [])
    .map((value) => ({ value, name: value, shape: shapes.get(value) ?? [] }));
  const fetches = operators
    .filter(({ type }) => type === 'fetch')
    .flatMap(({ inputs }) => inputs.get('X') ?? [])
    .map((value) => ({ value, name: value }));
  if (feeds.length === 0 || fetches.length === 0) {
    throw new AppError(
      'model.invalid',
      'The Paddle program has no input or no output: it was not exported for inference',
    );
  }
  return {
    operators: operators.filter(({ type }) => type !== 'feed' && type !== 'fetch'),
    feeds,
    fetches,
    parameters: inFileOrder(parameters),
    shapes,
  };
}

interface Variable {
  name: string;
  shape: readonly number[] | null;
  isStored: boolean;
}

function parseVariable(source: ByteSource, { start, end }: Field): Variable {
  let name = '';
  let shape: number[] | null = null;
  let persistable = false;
  let isDense = false;
  for (const field of fields(source, start, end)) {
    if (field.number === varFields.name) name = text(source, field);
    else if (field.number === varFields.persistable) persistable = field.value !== 0;
    else if (field.number === varFields.type) {
      for (const type of fields(source, field.start, field.end)) {
        if (type.number === varTypeFields.type) isDense = type.value === denseTensor;
        if (type.number === varTypeFields.dense) shape = parseShape(source, type);
      }
    }
  }
  if (name === '') throw malformed();
  return { name, shape, isStored: persistable && isDense };
}

function parseShape(source: ByteSource, { start, end }: Field): number[] {
  const shape: number[] = [];
  for (const dense of fields(source, start, end)) {
    if (dense.number !== denseFields.tensor) continue;
    for (const field of fields(source, dense.start, dense.end)) {
      if (field.number === tensorFields.dims) push(shape, integer(field));
    }
  }
  return shape;
}

function parseOperator(source: ByteSource, { start, end }: Field): PaddleOperator {
  let type = '';
  const inputs = new Map<string, string[]>();
  const outputs = new Map<string, string[]>();
  const attributes = new Map<string, PaddleAttribute>();
  for (const field of fields(source, start, end)) {
    if (field.number === opFields.type) type = text(source, field);
    else if (field.number === opFields.inputs) parseSlot(source, field, inputs);
    else if (field.number === opFields.outputs) parseSlot(source, field, outputs);
    else if (field.number === opFields.attributes) parseAttribute(source, field, attributes);
  }
  if (type === '') throw malformed();
  return { type, label: type, inputs, outputs, attributes };
}

function parseSlot(source: ByteSource, { start, end }: Field, slots: Map<string, string[]>): void {
  let name = '';
  const values: string[] = [];
  for (const field of fields(source, start, end)) {
    if (field.number === slotFields.parameter) name = text(source, field);
    if (field.number === slotFields.values) push(values, text(source, field));
  }
  slots.set(name, values);
}

function parseAttribute(source: ByteSource, { start, end }: Field, into: Map<string, PaddleAttribute>): void {
  let name = '';
  let type = -1;
  let value: PaddleAttribute = null;
  const list: number[] = [];
  for (const field of fields(source, start, end)) {
    switch (field.number) {
      case attributeFields.name:
        name = text(source, field);
        break;
      case attributeFields.type:
        type = field.value;
        break;
      case attributeFields.int:
      case attributeFields.long:
        value = integer(field);
        break;
      case attributeFields.bool:
        value = field.value !== 0;
        break;
      case attributeFields.float:
      case attributeFields.double:
        value = real(source, field);
        break;
      case attributeFields.text:
        value = optionalText(source, field);
        break;
      case attributeFields.ints:
      case attributeFields.longs:
        push(list, integer(field));
        break;
      case attributeFields.floats:
      case attributeFields.doubles:
        push(list, real(source, field));
        break;
      case attributeFields.scalar:
        value = parseScalar(source, field);
    }
  }
  into.set(name, listTypes.has(type) ? list : value);
}

function parseScalar(source: ByteSource, { start, end }: Field): PaddleAttribute {
  for (const field of fields(source, start, end)) {
    if (field.number === scalarFields.bool) return field.value !== 0;
    if (field.number === scalarFields.int) return integer(field);
    if (field.number === scalarFields.double) return real(source, field);
  }
  return null;
}
