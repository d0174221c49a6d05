/** @file Which ResNeXt a file of weights holds, from the names and shapes of its tensors alone. */
import { AppError } from '#core/errors.ts';
import { elementSizes, type LazyTensor } from '#core/tensor.ts';
import type { Architecture } from './architecture.ts';
import { lookalike } from './lookalikes.ts';
import { architectureName } from './names.ts';
import { stemWidth } from './layout.ts';
import {
  expectedTensors,
  paddleNames,
  paddleWslNames,
  torchNames,
  type Style,
  type TensorNames,
} from './tensor-names.ts';

export interface RecognisedResnext {
  architecture: Architecture;
  /** In PaddleClas' words. */
  name: string;
  /** Whose names the file uses. A plain ResNeXt of timm has exactly the names of torchvision and counts as such. */
  naming: 'torchvision' | 'timm' | 'paddleclas';
  /** By canonical name (torchvision's; the deep stem's and the pooled shortcut's are timm's), in order of use. */
  tensors: ReadonlyMap<string, LazyTensor>;
}

type Tensors = ReadonlyMap<string, LazyTensor>;

/** Training counters, and the table of names in Paddle's files. */
const ignored = /(?:^|\.)num_batches_tracked$|^StructuredToParameterName@@/;
const floatTypes: readonly string[] = [
  'float64',
  'float32',
  'float16',
  'bfloat16',
] satisfies (keyof typeof elementSizes)[];

/**
 * Every tensor is checked and accounted for; the first that does not fit is named. A prefix that all names share
 * ('module.', 'model.') is no obstacle, nor is a head of dropout and one linear layer ('fc.1.weight').
 *
 * @throws {AppError} 'model.unsupported' for anything but a plain or vd ResNeXt with its classifier
 */
export function recogniseResnext(file: Tensors): RecognisedResnext {
  const named = new Map([...file].filter(([name]) => !ignored.test(name)));
  const other = lookalike(named.keys());
  if (other) {
    throw unsupported(
      `The weights look like ${other.family}, because of ${quoted(other.name)}; only ResNeXt can be built`,
    );
  }

  const names = namesOf(named);
  const tensors = names === torchNames ? withoutPrefix(named) : named;
  const style = styleOf(tensors, names);
  const architecture = architectureOf(tensors, names, style);
  return {
    architecture,
    name: architectureName(architecture),
    naming:
      names !== torchNames ? 'paddleclas' : style.stem === 'deep' || style.shortcut === 'pool' ? 'timm' : 'torchvision',
    tensors: checkedTensors(tensors, names, architecture),
  };
}

function namesOf(tensors: Tensors): TensorNames {
  for (const names of [paddleNames, paddleWslNames]) {
    const style: Style = { stem: 'plain', shortcut: 'convolution' };
    if (tensors.has(names.of({ part: 'block', stage: 0, block: 0, index: 0 }, style).convolution)) return names;
  }
  return torchNames;
}

/** Names from the module on that has the stages. */
function withoutPrefix(tensors: Tensors): Tensors {
  const landmark = 'layer1.0.conv1.weight';
  const found = [...tensors.keys()].find((name) => name === landmark || name.endsWith(`.${landmark}`));
  if (found === undefined) throw unsupported(`The weights are not those of a ResNeXt: there is no ${quoted(landmark)}`);
  const prefix = found.slice(0, -landmark.length);
  const result = new Map<string, LazyTensor>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(prefix)) throw unsupported(`${quoted(name)} stands beside the ResNeXt and is no part of it`);
    result.set(name.slice(prefix.length), tensor);
  }
  return withPlainHead(result);
}

/** A sequence of dropout and one linear layer is, outside of training, that layer. */
function withPlainHead(tensors: Tensors): Tensors {
  const inHead = /^fc\.(\d{1,3})\./;
  const layers = new Set(
    Array.from(tensors.keys(), (name) => inHead.exec(name)?.[1]).filter((layer) => layer !== undefined),
  );
  if (layers.size !== 1 || tensors.has(torchNames.head.weight)) return tensors;
  return new Map(Array.from(tensors, ([name, tensor]) => [name.replace(inHead, 'fc.'), tensor]));
}

function styleOf(tensors: Tensors, names: TensorNames): Style {
  const has = (style: Style, part: 'stem' | 'shortcut') =>
    tensors.has(names.of(part === 'stem' ? { part, index: 0 } : { part, stage: 1, block: 0 }, style).convolution);
  const plain: Style = { stem: 'plain', shortcut: 'convolution' };
  const deep: Style = { stem: 'deep', shortcut: 'pool' };
  const stem = !has(plain, 'stem') && has(deep, 'stem') ? 'deep' : 'plain';
  // PaddleClas calls both kinds of shortcut the same, and has the pooled one together with the deep stem only.
  if (names !== torchNames) return stem === 'deep' ? deep : plain;
  return { stem, shortcut: !has(plain, 'shortcut') && has(deep, 'shortcut') ? 'pool' : 'convolution' };
}

function architectureOf(tensors: Tensors, names: TensorNames, style: Style): Architecture {
  const shapeOf = (name: string, rank: number): readonly number[] => {
    const tensor = tensors.get(name);
    if (!tensor) throw unsupported(`The weights are not those of a whole ResNeXt: ${quoted(name)} is missing`);
    if (tensor.shape.length !== rank)
      throw unsupported(`${quoted(name)} is ${shown(tensor.shape)}, which fits no ResNeXt`);
    return tensor.shape;
  };

  const block = (stage: number, at: number, index: 0 | 1 | 2) =>
    names.of({ part: 'block', stage, block: at, index }, style).convolution;
  const blocks = [0, 1, 2, 3].map((stage) => {
    let count = 0;
    while (tensors.has(block(stage, count, 0))) count++;
    return Math.max(1, count);
  });
  const groupedName = block(0, 0, 1);
  const [width = 0, baseWidth = 0] = shapeOf(groupedName, 4);
  if (!tensors.has(block(0, 0, 2))) {
    throw unsupported(
      `The weights look like a ResNet of basic blocks (18 or 34 layers): ${quoted(block(0, 0, 2))} is missing`,
    );
  }
  const cardinality = width / baseWidth;
  if (cardinality === 1) {
    throw unsupported(
      `The weights look like a ResNet or Wide ResNet: ${quoted(groupedName)} is not grouped, and only ResNeXt can be built`,
    );
  }
  if (!(baseWidth > 0) || !Number.isInteger(cardinality)) {
    throw unsupported(`${quoted(groupedName)} is ${shown(tensors.get(groupedName)!.shape)}, which fits no ResNeXt`);
  }
  const stemChannels =
    style.stem === 'plain'
      ? [stemWidth]
      : [...[0, 1].map((index) => shapeOf(names.of({ part: 'stem', index }, style).convolution, 4)[0]!), stemWidth];
  const classCount = shapeOf(names.head.weight, 2)[names.headTransposed ? 1 : 0]!;
  if (classCount < 1) throw unsupported(`${quoted(names.head.weight)} is for no classes at all`);
  return {
    ...style,
    blocks: blocks as unknown as Architecture['blocks'],
    cardinality,
    baseWidth,
    stemChannels,
    classCount,
  };
}

function checkedTensors(tensors: Tensors, names: TensorNames, architecture: Architecture): Map<string, LazyTensor> {
  const result = new Map<string, LazyTensor>();
  const known = new Set<string>();
  for (const [canonicalName, { fileName, shape }] of expectedTensors(architecture, names)) {
    const tensor = tensors.get(fileName);
    if (!tensor) throw unsupported(`The weights are not those of a whole ResNeXt: ${quoted(fileName)} is missing`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw unsupported(`${quoted(fileName)} is ${shown(tensor.shape)} where ${shown(shape)} fits`);
    }
    if (!floatTypes.includes(tensor.type)) {
      throw unsupported(`${quoted(fileName)} holds ${tensor.type} numbers where weights are expected`);
    }
    known.add(fileName);
    const isHead = canonicalName === torchNames.head.weight;
    result.set(canonicalName, isHead && names.headTransposed ? transposed(tensor) : tensor);
  }
  const extra = [...tensors.keys()].find((name) => !known.has(name));
  if (extra !== undefined) throw unsupported(`${quoted(extra)} is no part of a ${architectureName(architecture)}`);
  return result;
}

/** @param tensor  shape [rows, columns]; the result is [columns, rows] and moves numbers only when they are read */
function transposed(tensor: LazyTensor): LazyTensor {
  const [rows = 0, columns = 0] = tensor.shape;
  const size = elementSizes[tensor.type];
  return {
    type: tensor.type,
    shape: [columns, rows],
    bytes() {
      const from = tensor.bytes();
      const to = new Uint8Array(from.length);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          for (let byte = 0; byte < size; byte++) to[(column * rows + row) * size + byte] = from[at++]!;
        }
      }
      return to;
    },
  };
}

function quoted(name: string): string {
  return `"${name.length > 120 ? `${name.slice(0, 120)}…` : name}"`;
}

function shown(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
}

function unsupported(message: string): AppError {
  return new AppError('model.unsupported', message);
}
