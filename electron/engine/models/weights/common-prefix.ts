/** @file Tensor names without what a wrapper put before each of them. */
import type { LazyTensor } from '#core/tensor.ts';

/** By data-parallel training, wrapping, compiling, and detectors around a network. */
const prefixes = ['module.', 'model.', '_orig_mod.', 'backbone.'];
/** A wrapper in a wrapper in a wrapper. */
const maxWrappers = 4;

export function withoutCommonPrefix(tensors: ReadonlyMap<string, LazyTensor>): ReadonlyMap<string, LazyTensor> {
  let names = tensors;
  for (let round = 0; round < maxWrappers && names.size > 0; round++) {
    const prefix = prefixes.find((candidate) => names.keys().every((name) => name.startsWith(candidate)));
    if (!prefix) break;
    names = new Map(names.entries().map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  }
  return names;
}
