/**
 * @file Paddle 3's `.json`: a program of the new representation, read into the words of the old one.
 *
 * Source: Paddle, paddle/fluid/pir/serialize_deserialize (schema.h, ir_serialize.cc, serialize_utils.h) and the example
 * in Paddle's documentation of it. "0." is the builtin dialect, "1." pd_op; "p" is a parameter; A are attributes, I
 * inputs, O outputs, OA attributes of the outputs, N a name, AT a typed value, TT a type, "#" its kind, D its data,
 * "%" the number of a value, 0 none.
 */
import { AppError } from '#core/errors.ts';
import { operatorForms } from './operator-forms.ts';
import {
  inFileOrder,
  unsupported,
  type PaddleAttribute,
  type PaddleFeed,
  type PaddleOperator,
  type PaddleParameter,
  type PaddleProgram,
} from './program.ts';

/** ResNeXt152 has about 1,800 operations, parameters included. */
const longestProgram = 200_000;
const longestList = 65_536;

type Json = Readonly<Record<string, unknown>>;

interface Reading {
  operators: PaddleOperator[];
  feeds: PaddleFeed[];
  fetches: { value: string; name: string }[];
  parameters: PaddleParameter[];
  shapes: Map<string, readonly number[]>;
  /** The name we give to each numbered value. */
  values: Map<number, string>;
  /** What `full` and `full_int_array` made: the operators take them as inputs, we as attributes. */
  constants: Map<string, PaddleAttribute>;
}

/**
 * @param text  the whole file
 * @throws {AppError} 'model.invalid' if it is no program, 'model.unsupported' if it has branches or loops
 */
export function parseProgramJson(text: string): PaddleProgram {
  const root = parse(text);
  if (object(root['base_code'])['magic'] !== 'pir') throw notAProgram();
  const reading: Reading = {
    operators: [],
    feeds: [],
    fetches: [],
    parameters: [],
    shapes: new Map(),
    values: new Map(),
    constants: new Map(),
  };
  const regions = list(object(root['program'])['regions']);
  const blocks = list(object(regions[0])['blocks']);
  if (regions.length !== 1 || blocks.length !== 1) throw notAProgram();
  for (const operation of list(object(blocks[0])['ops'], longestProgram)) readOperation(object(operation), reading);

  const { operators, feeds, fetches, parameters, shapes } = reading;
  if (feeds.length === 0 || fetches.length === 0) {
    throw new AppError(
      'model.invalid',
      'The Paddle program has no input or no output: it was not exported for inference',
    );
  }
  return { operators, feeds, fetches, parameters: inFileOrder(parameters), shapes };
}

function parse(source: string): Json {
  try {
    return object(JSON.parse(source));
  } catch (cause) {
    throw notAProgram(cause);
  }
}

function readOperation(operation: Json, reading: Reading): void {
  const kind = string(operation['#']);
  if (kind === 'p') return readParameter(operation, reading);

  const label = kind.replace(/^1\./, 'pd_op.').replace(/^0\./, 'builtin.');
  if (operation['regions'] !== undefined) throw unsupported(`"${label.slice(0, 80)}" is a branch or a loop`);
  const attributes = readAttributes(operation['A']);
  const inputs = list(operation['I']).map((input) => valueName(object(input)['%'], reading));
  const short = label.slice(label.lastIndexOf('.') + 1);
  const outputs = list(operation['O']).map((output) => defineValue(object(output), short, reading));
  switch (label) {
    case 'pd_op.data':
    case 'pd_op.feed':
      return readFeed(attributes, outputs, reading);
    case 'pd_op.fetch':
      reading.fetches.push({ value: required(inputs[0]), name: string(attributes.get('name')) });
      return;
    case 'pd_op.full':
    case 'pd_op.full_int_array':
      reading.constants.set(required(outputs[0]), attributes.get('value') ?? null);
      return;
    default:
      reading.operators.push(translate(label, attributes, inputs, outputs, reading.constants));
  }
}

/** A parameter: A holds is_distributed, is_parameter, need_clip, the name; OA persistable, stop_gradient, trainable. */
function readParameter(operation: Json, reading: Reading): void {
  const name = string(list(operation['A'])[3]);
  const value = defineValue(object(operation['O']), null, reading, name);
  const flags = operation['OA'] === undefined ? [] : list(operation['OA']);
  // What is not persistable is made anew each time, so the file does not hold it.
  if (flags[0] !== 0) reading.parameters.push({ name, shape: reading.shapes.get(value) ?? [] });
}

function readFeed(
  attributes: ReadonlyMap<string, PaddleAttribute>,
  outputs: readonly string[],
  reading: Reading,
): void {
  const value = required(outputs[0]);
  const stated = attributes.get('shape');
  const shape = Array.isArray(stated) ? (stated as readonly number[]) : (reading.shapes.get(value) ?? []);
  reading.feeds.push({ value, name: string(attributes.get('name')), shape });
}

/** An operation in the words of ProgramDesc; an unknown one keeps its label, to be refused by whoever meets it. */
function translate(
  label: string,
  attributes: Map<string, PaddleAttribute>,
  inputs: readonly (string | null)[],
  outputs: readonly string[],
  constants: ReadonlyMap<string, PaddleAttribute>,
): PaddleOperator {
  const form = operatorForms.get(label.replace(/^pd_op\./, '').replace(/_$/, ''));
  if (!form) return { type: label, label, inputs: new Map(), outputs: new Map(), attributes };
  for (const [from, to] of Object.entries(form.attributes ?? {})) {
    const value = attributes.get(from);
    if (value !== undefined) attributes.set(to, value);
  }
  const slots = new Map<string, string[]>();
  form.inputs.forEach((slot, at) => {
    const value = inputs[at];
    if (value == null || slot === '') return;
    // null: it is computed, so nobody knows it now.
    if (slot.startsWith('@')) attributes.set(slot.slice(1), constants.get(value) ?? null);
    else slots.set(slot, [value]);
  });
  const output = outputs[0];
  return {
    type: form.type,
    label,
    inputs: slots,
    outputs: new Map(output === undefined ? [] : [[form.output, [output]]]),
    attributes,
  };
}

function readAttributes(value: unknown): Map<string, PaddleAttribute> {
  const attributes = new Map<string, PaddleAttribute>();
  for (const item of list(value)) {
    const { N: name, AT: typed } = object(item);
    // A typed value is left out where it is the default of its kind.
    if (typed !== undefined) attributes.set(string(name), plain(object(typed)));
  }
  return attributes;
}

/** @returns null for kinds that hold no plain value (places, types, …) and for what JSON cannot say (infinities) */
function plain({ '#': kind, D: data }: Json): PaddleAttribute {
  switch (kind) {
    case '0.a_bool':
    case '0.a_i32':
    case '0.a_i64':
    case '0.a_index':
    case '0.a_f32':
    case '0.a_f64':
    case '0.a_str':
    case '1.a_dtype':
      return typeof data === 'boolean' || typeof data === 'number' || typeof data === 'string' ? data : null;
    case '1.a_intarray':
      return numbers(list(data));
    case '1.a_scalar':
      return numbers(list(data).slice(1, 2))?.[0] ?? null;
    case '0.a_array':
      return numbers(list(data).map((item) => object(item)['D']));
    default:
      return null;
  }
}

function numbers(values: readonly unknown[]): readonly number[] | null {
  return values.every((value) => typeof value === 'number') ? values : null;
}

function defineValue(output: Json, maker: string | null, { values, shapes }: Reading, known?: string): string {
  const id = number(output['%']);
  const name = known ?? `${maker}%${id}`;
  values.set(id, name);
  const type = output['TT'] === undefined ? {} : object(output['TT']);
  if (type['#'] === '0.t_dtensor') shapes.set(name, list(list(type['D'])[1]).map(number));
  return name;
}

/** @returns null for the value that is none */
function valueName(id: unknown, { values }: Reading): string | null {
  if (id === 0) return null;
  const name = values.get(number(id));
  if (name === undefined) throw notAProgram();
  return name;
}

function required(value: string | null | undefined): string {
  if (value == null) throw notAProgram();
  return value;
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAProgram();
  return value as Json;
}

function list(value: unknown, longest = longestList): readonly unknown[] {
  if (!Array.isArray(value) || value.length > longest) throw notAProgram();
  return value;
}

function string(value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 4096) throw notAProgram();
  return value;
}

function number(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw notAProgram();
  return value as number;
}

function notAProgram(cause?: unknown): AppError {
  return new AppError('model.invalid', 'The file is not a Paddle 3 program', { cause });
}
