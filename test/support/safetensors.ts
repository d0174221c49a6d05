/** @file Weights as a safetensors file, as the format's page describes it. */
import { randomTensors } from '../../electron/engine/models/resnext/random.ts';
import { parseArchitecture } from '../../electron/engine/models/resnext/names.ts';

/** @param architecture  in PaddleClas' words; random weights in half the bytes, 1000 classes */
export function randomSafetensors(architecture: string, seed = 1): Buffer {
  const header: Record<string, unknown> = {};
  const bodies: Uint8Array[] = [];
  let from = 0;
  for (const [name, tensor] of randomTensors(parseArchitecture(architecture)!, seed)) {
    const bytes = upperHalves(tensor.bytes());
    header[name] = { dtype: 'BF16', shape: tensor.shape, data_offsets: [from, from + bytes.length] };
    bodies.push(bytes);
    from += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...bodies]);
}

/** A bfloat16 is the upper half of a float32. */
function upperHalves(floats: Uint8Array): Uint8Array {
  return floats.filter((_, at) => at % 4 > 1);
}
