/** @file The ONNX graph of any ResNeXt, from its architecture and its weights. */
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import type { Architecture } from '../resnext/architecture.ts';
import { featureCount, layoutOf, type Block, type ConvNorm } from '../resnext/layout.ts';
import { torchNames } from '../resnext/tensor-names.ts';
import { asFloat32, batchNormEpsilon, foldBatchNorm } from './fold-batch-norm.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from './model.ts';

export interface BuildOptions {
  /** Normalization becomes part of the convolutions: the same results to rounding, fewer nodes. */
  foldBatchNorm: boolean;
  /** Height and width of the input, pixels. */
  side: number;
}

/**
 * Input 'input' float32 [N, 3, side, side]; outputs 'logits' float32 [N, C] without softmax, and 'features' float32
 * [N, 2048], which is what the head reads. No weight is read here: the initializers' bytes are computed when asked for.
 *
 * @param tensors  by canonical name, float of any width; see `recogniseResnext`
 * @throws {AppError} 'model.invalid' if a tensor is missing
 */
export function buildResnext(
  architecture: Architecture,
  tensors: ReadonlyMap<string, LazyTensor>,
  options: BuildOptions,
): OnnxModel {
  const { classCount } = architecture;
  const { stem, blocks } = layoutOf(architecture);
  const builder = new Builder(architecture, tensors, options);

  let value = 'input';
  for (const convNorm of stem) value = builder.relu(builder.convNorm(convNorm, value));
  value = builder.maxPool(value);
  for (const block of blocks) value = builder.block(block, value);
  builder.head(value);

  const { side } = options;
  return {
    irVersion: 8,
    producer: 'Labelwright',
    opsets: new Map([['', 17]]),
    graph: {
      name: 'resnext',
      nodes: builder.nodes,
      inputs: [{ name: 'input', type: 'float32', shape: ['N', 3, side, side] }],
      outputs: [
        { name: 'logits', type: 'float32', shape: ['N', classCount] },
        { name: 'features', type: 'float32', shape: ['N', featureCount] },
      ],
      initializers: builder.initializers,
    },
  };
}

/** Adds nodes one by one; each method returns the name of the value it made. */
class Builder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, LazyTensor>();
  readonly #architecture: Architecture;
  readonly #tensors: ReadonlyMap<string, LazyTensor>;
  readonly #folds: boolean;
  /** Height and width of the feature map at hand. */
  #side: number;

  constructor(
    architecture: Architecture,
    tensors: ReadonlyMap<string, LazyTensor>,
    { foldBatchNorm: folds, side }: BuildOptions,
  ) {
    this.#architecture = architecture;
    this.#tensors = tensors;
    this.#folds = folds;
    this.#side = side;
  }

  convNorm(convNorm: ConvNorm, input: string): string {
    const names = torchNames.of(convNorm.place, this.#architecture);
    const weight = this.#tensor(names.convolution);
    const norm = {
      scale: this.#tensor(names.scale),
      offset: this.#tensor(names.offset),
      mean: this.#tensor(names.mean),
      variance: this.#tensor(names.variance),
    };
    const module = moduleOf(names.convolution);
    if (this.#folds) {
      const folded = foldBatchNorm(weight, norm);
      const weightName = this.#initializer(names.convolution, folded.weight);
      const biasName = this.#initializer(`${module}.bias`, folded.bias);
      return this.#convolution(convNorm, module, [input, weightName, biasName]);
    }
    const value = this.#convolution(convNorm, module, [input, this.#initializer(names.convolution, asFloat32(weight))]);
    const parts = (['scale', 'offset', 'mean', 'variance'] as const).map((part) =>
      this.#initializer(names[part], asFloat32(norm[part])),
    );
    return this.#node('BatchNormalization', moduleOf(names.scale), [value, ...parts], {
      epsilon: { type: 'float', value: batchNormEpsilon },
    });
  }

  block({ name, convNorms: [reduce, grouped, expand], shortcut, pooled }: Block, input: string): string {
    const reduced = this.relu(this.convNorm(reduce, input));
    const inner = this.relu(this.convNorm(grouped, reduced));
    const branch = this.convNorm(expand, inner);
    let identity = input;
    if (pooled) identity = this.#averagePool(`${name}.downsample.pool`, input);
    if (shortcut) identity = this.convNorm(shortcut, identity);
    this.#side = halved(this.#side, grouped.stride);
    return this.relu(this.#node('Add', `${name}.add`, [branch, identity]));
  }

  relu(input: string): string {
    return this.#node('Relu', `${input}.relu`, [input]);
  }

  maxPool(input: string): string {
    // The stem has halved the side before.
    this.#side = halved(halved(this.#side, 2), 2);
    return this.#node('MaxPool', 'maxpool', [input], {
      kernel_shape: ints(3, 3),
      strides: ints(2, 2),
      pads: ints(1, 1, 1, 1),
    });
  }

  head(input: string): void {
    const pooled = this.#node('GlobalAveragePool', 'avgpool', [input]);
    this.#node('Flatten', 'features', [pooled], { axis: { type: 'int', value: 1 } });
    const { weight, bias } = torchNames.head;
    const inputs = [
      'features',
      ...[weight, bias].map((name) => this.#initializer(name, asFloat32(this.#tensor(name)))),
    ];
    this.#node('Gemm', 'logits', inputs, { transB: { type: 'int', value: 1 } });
  }

  #convolution({ shape, stride, groups }: ConvNorm, name: string, inputs: string[]): string {
    const kernel = shape[2];
    const pad = (kernel - 1) / 2;
    return this.#node('Conv', name, inputs, {
      kernel_shape: ints(kernel, kernel),
      strides: ints(stride, stride),
      pads: ints(pad, pad, pad, pad),
      group: { type: 'int', value: groups },
    });
  }

  /** Windows that reach over the edge of an odd side count what lies inside only: ceil_mode, without padding. */
  #averagePool(name: string, input: string): string {
    return this.#node('AveragePool', name, [input], {
      kernel_shape: ints(2, 2),
      strides: ints(2, 2),
      count_include_pad: { type: 'int', value: 0 },
      // Left out where it changes nothing: one attribute less that an execution provider must know.
      ...(this.#side % 2 === 1 ? { ceil_mode: { type: 'int', value: 1 } } : {}),
    });
  }

  #node(operator: string, output: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}): string {
    this.nodes.push({
      name: output,
      operator,
      domain: '',
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    });
    return output;
  }

  #initializer(name: string, tensor: LazyTensor): string {
    this.initializers.set(name, tensor);
    return name;
  }

  #tensor(name: string): LazyTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new AppError('model.invalid', `The weights have no "${name}"`);
    return tensor;
  }
}

/** 'layer1.0.conv1' of 'layer1.0.conv1.weight' */
function moduleOf(tensorName: string): string {
  return tensorName.slice(0, tensorName.lastIndexOf('.'));
}

/** Every layer of stride 2 here rounds up: 7×7 with padding 3, 3×3 with 1, and 2×2 in ceil mode. */
function halved(side: number, stride: number): number {
  return stride === 2 ? Math.ceil(side / 2) : side;
}

function ints(...value: number[]): OnnxAttribute {
  return { type: 'ints', value };
}
