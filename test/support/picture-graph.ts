/** @file Hostile graphs that take a picture: they wait for ever, or want all the memory there is. */
import { message } from './models.ts';

type Field = Parameters<typeof message>[0][number];

/** ONNX element types. */
const float = 1;
const int64 = 7;
const bool = 9;

function value(name: string, type: number, shape: (number | string)[]): Field[] {
  const sizes = shape.map((size): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, sizes],
          ],
        ],
      ],
    ],
  ];
}

function node(operator: string, inputs: string[], outputs: string[], attributes: Field[][] = []): Field[] {
  return [
    ...inputs.map((name): Field => [1, name]),
    ...outputs.map((name): Field => [2, name]),
    [4, operator],
    ...attributes.map((attribute): Field => [5, attribute]),
  ];
}

/** A tensor of one element or more, as raw bytes. */
function initializer(name: string, type: number, shape: number[], bytes: Buffer): Field[] {
  return [...shape.map((size): Field => [1, size]), [2, type], [8, name], [9, bytes]];
}

function model(graph: Field[]): Buffer {
  return message([
    [1, 8],
    [7, graph],
    [
      8,
      [
        [1, ''],
        [2, 17],
      ],
    ],
  ]);
}

const picture: Field = [11, value('input', float, ['N', 3, 'H', 'W'])];
const scores: Field = [12, value('logits', float, ['N', 3, 'H', 'W'])];

/** A loop that never ends, whatever the picture. */
export function endlessGraph(): Buffer {
  const body: Field[] = [
    [1, node('Identity', ['goOn'], ['stillGoOn'])],
    [1, node('Abs', ['before'], ['after'])],
    [2, 'body'],
    [11, value('turn', int64, [])],
    [11, value('goOn', bool, [])],
    [11, value('before', float, ['N', 3, 'H', 'W'])],
    [12, value('stillGoOn', bool, [])],
    [12, value('after', float, ['N', 3, 'H', 'W'])],
  ];
  return model([
    [
      1,
      node(
        'Loop',
        ['', 'true', 'input'],
        ['logits'],
        [
          [
            [1, 'body'],
            [6, body],
            [20, 5],
          ],
        ],
      ),
    ],
    [2, 'endless'],
    [5, initializer('true', bool, [], Buffer.from([1]))],
    picture,
    scores,
  ]);
}

/** 4 GB of zeros for a mean of them. */
export function greedyGraph(): Buffer {
  const sizes = Buffer.from(BigInt64Array.from([1n << 30n]).buffer);
  return model([
    [1, node('Shape', ['input'], ['shape'])],
    [
      1,
      node(
        'ReduceMin',
        ['shape'],
        ['least'],
        [
          [
            [1, 'keepdims'],
            [3, 1],
            [20, 2],
          ],
        ],
      ),
    ],
    // Not a constant, so that nothing is computed while the graph is loaded.
    [1, node('Mul', ['least', 'many'], ['size'])],
    [1, node('ConstantOfShape', ['size'], ['zeros'])],
    [1, node('ReduceMean', ['zeros'], ['mean'])],
    [1, node('Add', ['input', 'mean'], ['logits'])],
    [2, 'greedy'],
    [5, initializer('many', int64, [1], sizes)],
    picture,
    scores,
  ]);
}
