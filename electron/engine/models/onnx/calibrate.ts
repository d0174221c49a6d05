/** @file Which ranges of values a graph has to know before it can be quantized, and how to measure them. */
import { AppError } from '#core/errors.ts';
import type { OnnxModel } from './model.ts';
import { planQuantization } from './quantize-plan.ts';
import type { Range } from './quantize.ts';
import { RangeHistogram } from './range-histogram.ts';

/** Tensors that need a range, whatever of the graph is kept float; in the order in which they are made. */
export function tensorsToCalibrate({ graph }: OnnxModel): string[] {
  const names = new Set<string>();
  for (const floatFirstConvolution of [false, true]) {
    for (const floatClassifier of [false, true]) {
      const plan = planQuantization(graph, { floatFirstConvolution, floatClassifier });
      for (const name of plan.ranged) names.add(name);
    }
  }
  const made = [...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  return made.filter((name) => names.has(name));
}

/** The same graph with float32 tensors on its way as outputs; inputs are left out, for they are known. */
export function withOutputs(model: OnnxModel, names: readonly string[]): OnnxModel {
  const { graph } = model;
  const known = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const added = [...new Set(names)].filter((name) => !known.has(name));
  const outputs = [...graph.outputs, ...added.map((name) => ({ name, type: 'float32', shape: [] }))];
  return { ...model, graph: { ...graph, outputs } };
}

/** Measures all tensors at once, batch by batch, in a bounded amount of memory: 64 KiB a tensor. */
export class Calibration {
  readonly #histograms: ReadonlyMap<string, RangeHistogram>;

  constructor(names: readonly string[]) {
    this.#histograms = new Map(names.map((name) => [name, new RangeHistogram()]));
  }

  /**
   * @param name    one of those given; others are passed over
   * @param values  of one batch
   * @throws {AppError} 'inference.failed' if a value is not finite
   */
  add(name: string, values: Float32Array): void {
    const histogram = this.#histograms.get(name);
    if (histogram?.add(values) === false) {
      throw new AppError('inference.failed', `The values of "${name}" are not finite`);
    }
  }

  /** From the smallest to the largest value. */
  minMax(): Map<string, Range> {
    return this.#ranges((histogram) => histogram.minMax());
  }

  /** @param share  of the values that is at most `max`, and likewise at least `min`, in (0.5, 1] */
  percentile(share: number): Map<string, Range> {
    return this.#ranges((histogram) => histogram.percentile(share));
  }

  /** What bytes come closest to the values with. */
  leastError(): Map<string, Range> {
    return this.#ranges((histogram) => histogram.leastError());
  }

  #ranges(range: (histogram: RangeHistogram) => Range | null): Map<string, Range> {
    return new Map(
      Array.from(this.#histograms, ([name, histogram]): [string, Range] => {
        const found = range(histogram);
        if (!found) throw new AppError('input.invalid', `No value of "${name}" was measured`);
        return [name, found];
      }),
    );
  }
}
