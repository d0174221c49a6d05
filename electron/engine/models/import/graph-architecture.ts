/** @file The ResNeXt in a graph whose tensor names say nothing: read off its convolutions. */
import type { Architecture } from '../resnext/architecture.ts';
import type { OnnxModel } from '../onnx/model.ts';

interface Convolution {
  /** Output channels, input channels of one group, height, width of the kernel. */
  shape: readonly number[];
  groups: number;
}

/**
 * @returns null when it is no ResNeXt: bottlenecks with one grouped 3×3 convolution each, in four stages of doubling
 *   width
 */
export function graphArchitecture(model: OnnxModel, classCount: number): Architecture | null {
  const { nodes, initializers } = model.graph;
  const convolutions = nodes.flatMap((node): Convolution[] => {
    const shape = node.operator === 'Conv' ? initializers.get(node.inputs[1] ?? '')?.shape : undefined;
    const groups = node.attributes.get('group');
    return shape?.length === 4 ? [{ shape, groups: groups?.type === 'int' ? groups.value : 1 }] : [];
  });
  const grouped = convolutions.filter(({ groups }) => groups > 1);
  const [first] = grouped;
  const allowed = ['Conv', 'BatchNormalization', 'Relu', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'Add', 'Gemm'];
  const edges = ['MatMul', 'Flatten', 'Reshape', 'Softmax', 'Identity', 'Constant', 'Dropout', 'ReduceMean', 'Squeeze'];
  const known = new Set([...allowed, ...edges, 'Shape', 'Gather', 'Unsqueeze', 'Concat', 'Slice', 'Cast', 'Pad']);
  if (!first || !nodes.every(({ operator }) => known.has(operator))) return null;

  const cardinality = first.groups;
  const width = first.shape[0]!;
  const blocks = [1, 2, 4, 8].map(
    (times) => grouped.filter(({ shape, groups }) => groups === cardinality && shape[0] === width * times).length,
  );
  const wholly = blocks.every((count) => count > 0) && blocks.reduce((sum, count) => sum + count, 0) === grouped.length;
  const square = grouped.every(({ shape }) => shape[2] === 3 && shape[3] === 3 && shape[0] === shape[1]! * cardinality);
  // A bottleneck of the first stage is 64 · baseWidth / 64 · cardinality wide.
  if (!wholly || !square || width % cardinality !== 0) return null;

  const stem = convolutions.slice(0, convolutions.indexOf(first)).filter(({ shape }) => shape[2] !== 1);
  const deep = stem.length === 3;
  if (!deep && !(stem.length === 1 && stem[0]!.shape[2] === 7)) return null;
  return {
    blocks: blocks as unknown as Architecture['blocks'],
    cardinality,
    baseWidth: width / cardinality,
    stem: deep ? 'deep' : 'plain',
    stemChannels: stem.map(({ shape }) => shape[0]!),
    shortcut: nodes.some(({ operator }) => operator === 'AveragePool') ? 'pool' : 'convolution',
    classCount,
  };
}
