/** @file The float graph over the photos that ranges are measured on. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import { allocateValues, pixelWriter } from '#core/pixel-values.ts';
import { sessionOptions } from '../../inference/session-options.ts';
import type { Manifest } from '../manifest.ts';
import { Calibration, tensorsToCalibrate, withOutputs } from '../onnx/calibrate.ts';
import { InputStatistics, type ConvolutionInput } from '../onnx/input-statistics.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { writeOnnx } from '../onnx/write.ts';

export interface Calibrated {
  calibration: Calibration;
  inputs: Map<string, ConvolutionInput>;
}

export interface CalibrationOptions {
  /** Intra-op. */
  threads: number;
  /** For a copy of the graph, absolute; it is left behind. */
  folder: string;
  onProgress?: (done: number) => void;
}

/**
 * Photo by photo, so that memory holds what flows through the graph once.
 *
 * @param pictures  each of shape [H, W, 3], 0–255
 * @throws {AppError} 'model.unsupported' if nothing in the graph can be quantized, 'model.invalid', 'inference.failed',
 *   'disk.full'
 */
export async function calibrate(
  model: OnnxModel,
  { input, preprocess }: Manifest,
  pictures: AsyncIterable<Uint8Array>,
  { threads, folder, onProgress }: CalibrationOptions,
): Promise<Calibrated> {
  const names = tensorsToCalibrate(model);
  if (names.length === 0) {
    throw new AppError(
      'model.unsupported',
      'Nothing in the graph can be quantized: it has no convolution of constant weights',
    );
  }
  const calibration = new Calibration(names);
  const statistics = new InputStatistics(model);
  const wanted = [...new Set([...names, ...statistics.inputs])];
  const path = join(folder, 'calibration.onnx');
  await writeOnnx(path, withOutputs(model, wanted));
  const session = await InferenceSession.create(path, sessionOptions('cpu', threads)).catch((cause: unknown) => {
    throw new AppError('model.invalid', `The model cannot be loaded: ${String(cause).slice(0, 300)}`, { cause });
  });
  try {
    const { type, layout, width, height } = input;
    const write = pixelWriter({ ...preprocess, type, layout });
    const [declared] = model.graph.inputs[0]?.shape ?? [];
    const rows = typeof declared === 'number' && declared > 0 ? declared : 1;
    const shape = layout === 'NCHW' ? [rows, 3, height, width] : [rows, height, width, 3];
    const fetched = wanted.filter((name) => name !== input.name);
    const values = allocateValues(type, rows * 3 * width * height);
    const add = (name: string, data: unknown, dims: readonly number[]) => {
      if (!(data instanceof Float32Array)) return;
      calibration.add(name, data);
      statistics.add(name, data, dims);
    };
    let done = 0;
    let filled = 0;
    for await (const picture of pictures) {
      write(picture, values, filled++);
      done++;
      // A graph that insists on several rows gets them; those left over at the end are not worth copies of themselves.
      if (filled < rows) continue;
      filled = 0;
      add(input.name, values, shape);
      const outputs = await session.run({ [input.name]: new Tensor(type, values, shape) }, fetched);
      for (const [name, value] of Object.entries(outputs)) {
        if (value instanceof Tensor) add(name, value.data, value.dims);
      }
      onProgress?.(done);
    }
    return { calibration, inputs: statistics.finish() };
  } finally {
    await session.release();
  }
}
