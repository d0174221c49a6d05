/** @file Small ONNX graphs with unusual inputs and outputs: means of the three channels of 8 × 8 pixels. */
import { message } from './models.ts';

type Field = Parameters<typeof message>[0][number];

/** Source of the numbers: onnx.proto, `TensorProto.DataType`. */
const elementTypes = { float32: 1, uint8: 2 };

interface Step {
  operator: string;
  /** One attribute: an integer, or a list of them. */
  attribute?: { name: string; value: number | number[] };
}

function node({ operator, attribute }: Step, from: string, to: string): Field[] {
  const fields: Field[] = [
    [1, from],
    [2, to],
    [4, operator],
  ];
  if (!attribute) return fields;
  const { name, value } = attribute;
  // AttributeProto: 3 is an INT (type 2), 8 are INTS (type 7).
  const values: Field[] = Array.isArray(value)
    ? [...value.map((one): Field => [8, one]), [20, 7]]
    : [
        [3, value],
        [20, 2],
      ];
  return [...fields, [5, [[1, name], ...values]]];
}

function valueInfo(name: string, elementType: number, sizes: (number | string)[]): Field[] {
  const dimensions = sizes.map((size): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]]);
  const tensorType: Field[] = [
    [1, elementType],
    [2, dimensions],
  ];
  return [
    [1, name],
    [2, [[1, tensorType]]],
  ];
}

/**
 * Input "input" of N pictures, output "logits" [N, 3], or [N, 3, 1, 1] unless `flat`, or [N, 3, 8, 8] unless `pooled`.
 */
export function channelModel(options: {
  layout: 'NCHW' | 'NHWC';
  type: 'float32' | 'uint8';
  pooled?: boolean;
  flat?: boolean;
}): Buffer {
  const { layout, type, pooled = true, flat = pooled } = options;
  const steps: Step[] = [
    ...(type === 'uint8' ? [{ operator: 'Cast', attribute: { name: 'to', value: elementTypes.float32 } }] : []),
    ...(layout === 'NHWC' ? [{ operator: 'Transpose', attribute: { name: 'perm', value: [0, 3, 1, 2] } }] : []),
    { operator: pooled ? 'GlobalAveragePool' : 'Identity' },
    ...(flat ? [{ operator: 'Flatten' }] : []),
  ];
  const names = ['input', ...steps.slice(1).map((_, index) => `step${index}`), 'logits'];
  const row = layout === 'NCHW' ? [3, 8, 8] : [8, 8, 3];
  const pooledRow = pooled ? [3, 1, 1] : [3, 8, 8];
  return message([
    [1, 8],
    [
      7,
      [
        ...steps.map((step, index): Field => [1, node(step, names[index]!, names[index + 1]!)]),
        [2, 'channels'],
        [11, valueInfo('input', elementTypes[type], ['N', ...row])],
        [12, valueInfo('logits', elementTypes.float32, ['N', ...(flat ? [3] : pooledRow)])],
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
