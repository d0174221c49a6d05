/** @file Named weights as a source: a ResNeXt recognised by its tensors, its graph built by us. */
import { AppError } from '#core/errors.ts';
import { buildResnext } from '../onnx/build.ts';
import { countResnext } from '../resnext/count.ts';
import { recogniseResnext } from '../resnext/recognise.ts';
import { openWeights } from '../weights/index.ts';
import type { Source } from './source.ts';

/** The side that all published figures are for, until a preprocessing says otherwise. */
const usualSide = 224;

/** @throws {AppError} 'model.unsupported' with the first tensor that does not fit, 'model.corrupt' */
export function openWeightsSource(path: string): Source {
  const file = openWeights(path);
  try {
    const { architecture, name, naming, tensors } = recogniseResnext(file.tensors);
    const { parameterCount, macCount } = countResnext(architecture, usualSide);
    return {
      path,
      format: file.format,
      architecture: name,
      naming,
      parameterCount,
      macCount,
      classCount: architecture.classCount,
      input: { width: usualSide, height: usualSide, layout: 'NCHW', type: 'float32' },
      fixedRows: null,
      outputs: 'logits',
      freeSize: true,
      names: { input: 'input', output: 'logits', features: 'features' },
      stated: null,
      producer: naming === 'paddleclas' ? 'paddle' : null,
      model({ width, height }) {
        if (width !== height) throw new AppError('model.unsupported', 'A ResNeXt takes square pictures here');
        return buildResnext(architecture, tensors, { foldBatchNorm: true, side: width });
      },
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  } catch (thrown) {
    file[Symbol.dispose]();
    throw thrown;
  }
}
