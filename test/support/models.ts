/** @file Model folders made on the spot: small ONNX graphs written by hand. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A protobuf field: text, bytes or a message when length-delimited, a varint when a number. */
type Field = [number: number, value: number | string | Buffer | Field[]];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

export function message(fields: Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
      const bytes = Array.isArray(value) ? message(value) : Buffer.from(value as string);
      return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
    }),
  );
}

type Dimension = number | string;

function tensor(name: string, dimensions: Dimension[]): Field[] {
  const shape = dimensions.map((size): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, 1],
            [2, shape],
          ],
        ],
      ],
    ],
  ];
}

function node(operator: string, input: string, output: string): Field[] {
  return [
    [1, input],
    [2, output],
    [4, operator],
  ];
}

/**
 * Means of the three channels: input [N, 3, side, side], output "logits" [N, 3], so that the brightest channel wins.
 *
 * @param options.after  operators put behind it, for example 'Softmax'
 * @param options.rows   a number fixes N
 */
export function channelMeans(options: { side?: number; after?: string[]; rows?: Dimension } = {}): Buffer {
  const { side = 8, after = [], rows = 'N' } = options;
  const steps = ['GlobalAveragePool', 'Flatten', ...after];
  const names = ['input', ...steps.slice(1).map((_, index) => `step${index}`), 'logits'];
  return message([
    [1, 8],
    [
      7,
      [
        ...steps.map((operator, index): Field => [1, node(operator, names[index]!, names[index + 1]!)]),
        [2, 'means'],
        [11, tensor('input', [rows, 3, side, side])],
        [12, tensor('logits', [rows, 3])],
      ],
    ],
    [
      8,
      [
        [1, ''],
        [2, 17],
      ],
    ],
  ]);
}

export const channelLabels = ['red', 'green', 'blue'].map((name) => ({ name, path: ['colour'] }));

/** Write a model folder. @returns its manifest as written */
export function writeModel(
  folder: string,
  onnx: Buffer,
  changes: Record<string, unknown> = {},
  labels: object[] = channelLabels,
): Record<string, unknown> {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    version: 1,
    id: 'means',
    title: 'Channel means',
    family: 'Test',
    description: 'Names the brightest channel.',
    file: 'model.onnx',
    sha256: createHash('sha256').update(onnx).digest('hex'),
    sizeBytes: onnx.length,
    input: { name: 'input', layout: 'NCHW', width: 8, height: 8 },
    preprocess: { shortSide: 8, cropWidth: 8, cropHeight: 8, mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] },
    outputs: { logits: 'logits' },
    labels: 'labels.json',
    licence: 'CC0-1.0',
    ...changes,
  };
  writeFileSync(join(folder, 'model.onnx'), onnx);
  writeFileSync(join(folder, 'labels.json'), JSON.stringify({ labels }));
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return manifest;
}
