import { expect, test } from 'vitest';
import { tensorOf } from '#core/tensor.ts';
import { buildResnext } from '../../../../electron/engine/models/onnx/build.ts';
import { Calibration, tensorsToCalibrate, withOutputs } from '../../../../electron/engine/models/onnx/calibrate.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../../../electron/engine/models/resnext/random.ts';
import { graphModel, node, runOnnx, uniformFloats } from '../../../support/onnx-run.ts';

test('what needs a range: the picture, each sum or product after its Relu, pools of floats, and what the classifier reads', () => {
  const architecture = parseArchitecture('ResNeXt[1,1,1,1]_32x4d')!;
  const model = buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: true, side: 64 });
  const names = tensorsToCalibrate(model);

  expect(names.slice(0, 7)).toEqual([
    'input',
    'conv1.relu',
    'maxpool',
    'layer1.0.conv1.relu',
    'layer1.0.conv2.relu',
    'layer1.0.conv3',
    'layer1.0.downsample.0',
  ]);
  expect(names).toContain('layer1.0.add.relu');
  expect(names.at(-1)).toBe('features');
  expect(names).toHaveLength(3 + 4 * 5 + 1);
});

test('tensors on the way become outputs, once, and the input does not', async () => {
  const weights = { w: tensorOf(uniformFloats(8, 1), [4, 2, 1, 1]) };
  const model = graphModel([node('Conv', ['x', 'w'], 'a'), node('Relu', ['a'], 'y')], weights, ['N', 2, 3, 3]);
  const exposed = withOutputs(model, ['x', 'a', 'a', 'y']);

  expect(exposed.graph.outputs.map(({ name }) => name)).toEqual(['y', 'a']);
  expect(model.graph.outputs).toHaveLength(1);
  const { outputs } = await runOnnx(exposed, uniformFloats(18, 2), [1, 2, 3, 3]);
  expect(Math.min(...outputs['a']!)).toBeLessThan(0);
  expect(outputs['y']).toEqual(outputs['a']!.map((value) => Math.max(0, value)));
});

test('ranges of all tensors come from all batches; other tensors are passed over', () => {
  const calibration = new Calibration(['a', 'b']);
  calibration.add('a', Float32Array.of(1, -2));
  calibration.add('b', Float32Array.of(0, 4));
  calibration.add('a', Float32Array.of(3));
  calibration.add('logits', Float32Array.of(9));

  const ranges = new Map([
    ['a', [-2, 3]],
    ['b', [0, 4]],
  ]);
  expect(calibration.minMax()).toEqual(ranges);
  expect([...calibration.percentile(1).keys()]).toEqual(['a', 'b']);
  expect([...calibration.leastError().keys()]).toEqual(['a', 'b']);
});

test('a tensor that was never measured is named, and so is one that is not finite', () => {
  const calibration = new Calibration(['a', 'b']);
  calibration.add('a', Float32Array.of(1));
  expect(() => calibration.minMax()).toThrow(/No value of "b" was measured/);
  expect(() => calibration.add('b', Float32Array.of(NaN))).toThrow(/The values of "b" are not finite/);
});
