/** @file Success or failure as plain data: how answers cross a process. */
import { AppError, type SerializedError } from '#core/errors.ts';

export type Result<Value> = { ok: true; value: Value } | { ok: false; error: SerializedError };

export function ok<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

export function err(thrown: unknown): Result<never> {
  return { ok: false, error: AppError.from(thrown).serialize() };
}

/** @throws {AppError} the one that was sent */
export function unwrap<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw AppError.deserialize(result.error);
}
