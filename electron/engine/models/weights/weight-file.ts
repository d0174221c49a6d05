/** @file A file of named tensors, whatever wrote it. */
import type { LazyTensor } from '#core/tensor.ts';

export const weightFormats = ['safetensors', 'pytorch', 'pytorch-legacy', 'paddle-params'] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** Open until disposed of; tensors cannot be read afterwards. */
export interface WeightFile extends Disposable {
  format: WeightFormat;
  /** In file order, by the names that stand in the file (without a common wrapper such as 'state_dict'). */
  tensors: ReadonlyMap<string, LazyTensor>;
}
