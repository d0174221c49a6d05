/** @file Random weights of a ResNeXt as PaddleClas saves them: its names, its pickle, its way round of the last layer. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { elementCount } from '../../electron/core/tensor.ts';
import { parseArchitecture } from '../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../electron/engine/models/resnext/random.ts';

/**
 * Written as `paddle.save` does it: a pickle (protocol 2) of a dict from name to numpy array.
 *
 * @param architecture  in PaddleClas' words; 1000 classes
 */
export async function writeRandomPdparams(path: string, architecture: string, seed = 1): Promise<void> {
  const stream = createWriteStream(path);
  const write = async (...bytes: Uint8Array[]) => {
    for (const part of bytes) if (!stream.write(part)) await once(stream, 'drain');
  };
  await write(Buffer.from([0x80, 2, 0x7d, 0x28])); // PROTO 2, EMPTY_DICT, MARK
  const parsed = parseArchitecture(architecture)!;
  for (const [name, tensor] of randomTensors(parsed, seed)) {
    const transposed = name === 'fc.weight';
    const shape = transposed ? tensor.shape.toReversed() : tensor.shape;
    await write(text(paddleName(name, parsed.shortcut === 'pool')), ...array(shape, tensor.bytes()));
  }
  await write(Buffer.from([0x75, 0x2e])); // SETITEMS, STOP
  stream.end();
  await finished(stream);
}

/** Source: PaddleClas ppcls/arch/backbone/model_zoo/resnext.py, resnext_vd.py. */
function paddleName(name: string, vd: boolean): string {
  const stem: Record<string, string> = {
    'conv1.0': 'conv1_1._conv',
    'conv1.1': 'conv1_1._batch_norm',
    'conv1.3': 'conv1_2._conv',
    'conv1.4': 'conv1_2._batch_norm',
    'conv1.6': 'conv1_3._conv',
    conv1: 'conv._conv',
    bn1: vd ? 'conv1_3._batch_norm' : 'conv._batch_norm',
  };
  const dot = name.lastIndexOf('.');
  const [module, field] = [name.slice(0, dot), name.slice(dot + 1)];
  const last = { running_mean: '_mean', running_var: '_variance' }[field] ?? field;
  if (module === 'fc') return `out.${last}`;
  const block = /^layer(\d)\.(\d+)\.(?:(conv|bn)(\d)|downsample\.(\d))$/.exec(module);
  if (!block) return `${stem[module] ?? module}.${last}`;
  const [, stage, index, kind, place, shortcut] = block;
  const part = shortcut === undefined ? `conv${Number(place) - 1}` : 'short';
  // A pooled shortcut has the pool at 0.
  const convolution = kind === 'conv' || shortcut === (vd ? '1' : '0');
  return `bb_${Number(stage) - 1}_${index}.${part}.${convolution ? '_conv' : '_batch_norm'}.${last}`;
}

/** Source: Python's pickletools and numpy's `ndarray.__reduce__`. */
function array(shape: readonly number[], bytes: Uint8Array): Uint8Array[] {
  if (elementCount(shape) * 4 !== bytes.length) throw new Error('Not float32 of that shape');
  return [
    global('numpy.core.multiarray', '_reconstruct'),
    global('numpy', 'ndarray'),
    Buffer.from([0x4b, 0, 0x85]), // (0,)
    Buffer.from([0x43, 1, 0x62, 0x87, 0x52]), // b'b', TUPLE3, REDUCE
    Buffer.from([0x28, 0x4b, 1, 0x28]), // MARK, version 1, MARK
    ...shape.map(int),
    Buffer.from([0x74]), // TUPLE: the shape
    global('numpy', 'dtype'),
    text('f4'),
    Buffer.from([0x89, 0x88, 0x87, 0x52, 0x28, 0x4b, 3]), // (False, True), REDUCE, MARK, version 3
    text('<'),
    Buffer.from([0x4e, 0x4e, 0x4e]),
    Buffer.from([0x4a, 0xff, 0xff, 0xff, 0xff, 0x4a, 0xff, 0xff, 0xff, 0xff, 0x4b, 0, 0x74, 0x62, 0x89]),
    sized(0x42, bytes.length), // BINBYTES
    bytes,
    Buffer.from([0x74, 0x62]), // TUPLE, BUILD
  ];
}

function global(module: string, name: string): Buffer {
  return Buffer.from(`c${module}\n${name}\n`);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([sized(0x58, bytes.length), bytes]); // BINUNICODE
}

function int(value: number): Buffer {
  return sized(0x4a, value); // BININT
}

function sized(opcode: number, size: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = opcode;
  bytes.writeUInt32LE(size, 1);
  return bytes;
}
