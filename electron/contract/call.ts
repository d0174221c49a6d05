/** @file The shape of one entry of the contract, and the inputs many of them share. */
import * as z from 'zod';

/** `input` is checked where the call is served; `Output` is a compile-time promise only. */
export function call<Output>() {
  return <Input extends z.ZodType>(input: Input) => ({ input, output: undefined as Output });
}

export const id = z.int().positive();
export const none = z.strictObject({});
export const name = z.string().trim().min(1).max(512);
export const path = z.string().min(1).max(32_768);
