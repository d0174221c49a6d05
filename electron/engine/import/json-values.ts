/** @file What stands in a JSON file of labels, looked at before it is believed. */
import { AppError } from '#core/errors.ts';
import { reviewStates, type ReviewState } from '#core/image.ts';
import { maxCategories } from './importer.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Its own member: not what every object inherits. */
export function memberOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A text that is not empty; lone surrogates, which no file name or label can have, become U+FFFD. */
export function textIn(object: JsonObject, key: string): string | undefined {
  const value = memberOf(object, key);
  return typeof value === 'string' && value.trim() !== '' ? value.toWellFormed() : undefined;
}

/** In [0, 1], else null. */
export function scoreIn(object: JsonObject, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = memberOf(object, key);
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  }
  return null;
}

export function reviewIn(object: JsonObject): ReviewState | null {
  const value = memberOf(object, 'review');
  return reviewStates.find((state) => state === value) ?? null;
}

/** @throws {AppError} 'input.invalid' */
export function checkCategoryCount(count: number): void {
  if (count <= maxCategories) return;
  throw new AppError('input.invalid', `The file names more than ${maxCategories} categories; it is no file of labels`);
}
