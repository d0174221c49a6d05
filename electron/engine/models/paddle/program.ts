/** @file A Paddle inference program, whichever of its two file forms it was read from. */
import { AppError } from '#core/errors.ts';

export interface PaddleProgram {
  /** In the order in which they run, without feeds, fetches and parameters. */
  operators: PaddleOperator[];
  feeds: PaddleFeed[];
  fetches: { value: string; name: string }[];
  /** What the file of parameters holds, in its order. */
  parameters: PaddleParameter[];
  /** Declared sizes by value, -1 for free ones; missing where the program does not say. */
  shapes: ReadonlyMap<string, readonly number[]>;
}

export interface PaddleFeed {
  value: string;
  name: string;
  /** -1 is free. */
  shape: readonly number[];
}

export interface PaddleParameter {
  /** Also the name of its value. */
  name: string;
  shape: readonly number[];
}

/** In the words of ProgramDesc, also when read from the newer form. */
export interface PaddleOperator {
  type: string;
  /** Its name in the file, for messages. */
  label: string;
  /** Values by the operator's own names for them ('Input', 'Filter', …). */
  inputs: ReadonlyMap<string, readonly string[]>;
  outputs: ReadonlyMap<string, readonly string[]>;
  attributes: ReadonlyMap<string, PaddleAttribute>;
}

/** null: present, but in a form we do not read. */
export type PaddleAttribute = boolean | number | string | readonly number[] | null;

/**
 * Parameters in the order of a combined file: by name, as bytes.
 *
 * @throws {AppError} 'model.invalid' if a name is declared twice
 *
 * Source: Paddle save_vars / save_vars_pir (`sorted` over the names), AnalysisPredictor (`std::sort`).
 */
export function inFileOrder(parameters: readonly PaddleParameter[]): PaddleParameter[] {
  const keyed = parameters.map((parameter) => ({ parameter, key: Buffer.from(parameter.name) }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return keyed.map(({ parameter }, at) => {
    if (at > 0 && keyed[at - 1]!.parameter.name === parameter.name) {
      throw new AppError('model.invalid', `The Paddle model declares the parameter "${parameter.name}" twice`);
    }
    return parameter;
  });
}

export function unsupported(why: string): AppError {
  return new AppError('model.unsupported', `The Paddle model cannot be converted: ${why}`);
}

/** @throws {AppError} 'model.invalid' if the value is no whole number */
export function intAttribute(operator: PaddleOperator, name: string, otherwise: number): number {
  const value = attribute(operator, name) ?? otherwise;
  return Number.isSafeInteger(value) ? (value as number) : wrong(operator, name);
}

/** @throws {AppError} 'model.invalid' if the value is no number */
export function numberAttribute(operator: PaddleOperator, name: string, otherwise: number): number {
  const value = attribute(operator, name) ?? otherwise;
  // The newer form keeps the operand of `full` as a list of one.
  const number = Array.isArray(value) && value.length === 1 ? (value[0] as number) : value;
  return Number.isFinite(number) ? (number as number) : wrong(operator, name);
}

/** @throws {AppError} 'model.invalid' if the value is not true or false */
export function boolAttribute(operator: PaddleOperator, name: string, otherwise: boolean): boolean {
  const value = attribute(operator, name) ?? otherwise;
  return typeof value === 'boolean' ? value : wrong(operator, name);
}

/** @throws {AppError} 'model.invalid' if the value is no text */
export function textAttribute(operator: PaddleOperator, name: string, otherwise: string): string {
  const value = attribute(operator, name) ?? otherwise;
  return typeof value === 'string' ? value : wrong(operator, name);
}

/**
 * @param otherwise  null: the attribute must be there
 * @throws {AppError} 'model.invalid' if it is not, or is no list of whole numbers
 */
export function intsAttribute(
  operator: PaddleOperator,
  name: string,
  otherwise: readonly number[] | null,
): readonly number[] {
  const value = attribute(operator, name) ?? otherwise;
  if (!Array.isArray(value) || !value.every(Number.isSafeInteger)) return wrong(operator, name);
  return value as readonly number[];
}

/** undefined where the operator has no such attribute. */
function attribute({ label, attributes }: PaddleOperator, name: string): PaddleAttribute | undefined {
  const value = attributes.get(name);
  if (value === null) throw unsupported(`"${name}" of the operator "${label}" is not a plain value`);
  return value;
}

function wrong({ label }: PaddleOperator, name: string): never {
  throw new AppError(
    'model.invalid',
    `The Paddle model is damaged: "${name}" of the operator "${label}" makes no sense`,
  );
}
