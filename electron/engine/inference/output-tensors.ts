/** @file Memory that a session writes its outputs into, run after run. */
import { Tensor, type InferenceSession } from 'onnxruntime-node';

export interface OutputTensors {
  /** What to give `session.run` for that many pictures: names, until a run has told the shapes. */
  fetches(rows: number): InferenceSession.FetchesType;
  /** The outputs of that run; they are overwritten by the next one. */
  of(rows: number, made: InferenceSession.OnnxValueMapType): InferenceSession.OnnxValueMapType;
}

/**
 * Only for outputs whose first size is the number of pictures; for others everything is left to the runtime.
 *
 * @param names  of the outputs
 */
export function outputTensors(names: readonly string[]): OutputTensors {
  /** Sizes of a row of each output. */
  let rowShapes: ReadonlyMap<string, readonly number[]> | null = null;
  let tensors: Record<string, Tensor> = {};
  let tensorRows = 0;

  return {
    fetches(rows) {
      if (!rowShapes) return names;
      if (tensorRows !== rows) {
        tensors = Object.fromEntries(
          Array.from(rowShapes, ([name, shape]) => {
            const length = shape.reduce((product, size) => product * size, rows);
            return [name, new Tensor('float32', new Float32Array(length), [rows, ...shape])];
          }),
        );
        tensorRows = rows;
      }
      return tensors;
    },

    of(rows, made) {
      if (rowShapes) return tensors;
      const found = new Map<string, readonly number[]>();
      for (const [name, value] of Object.entries(made)) {
        if (value instanceof Tensor && value.type === 'float32' && value.dims[0] === rows) {
          found.set(name, value.dims.slice(1));
        }
      }
      if (found.size === names.length) rowShapes = found;
      return made;
    },
  };
}
