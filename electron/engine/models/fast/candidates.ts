/** @file The ways in which an integer form is tried, fastest first. */
import type { AgreementReport } from '#core/model.ts';
import type { Calibration } from '../onnx/calibrate.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { KeptFloat } from '../onnx/quantize-plan.ts';
import type { Range } from '../onnx/quantize.ts';

export interface Candidate {
  ranges: AgreementReport['ranges'];
  /** What stays float. */
  kept: KeptFloat;
  /** The same in words: 'classifier', 'first-convolution', or the name of what a node makes. */
  keptFloat: string[];
}

/** One in 100,000 values is cut: less than that is chance, more has cost agreement. */
const percentileShare = 0.999_99;

export const rangeKinds = ['min-max', 'least-error', 'percentile'] as const satisfies AgreementReport['ranges'][];

export function rangesOf(calibration: Calibration, kind: AgreementReport['ranges']): Map<string, Range> {
  switch (kind) {
    case 'min-max':
      return calibration.minMax();
    case 'percentile':
      return calibration.percentile(percentileShare);
    case 'least-error':
      return calibration.leastError();
  }
}

/**
 * Steps of keeping more float, each slower than the one before: nothing; the classifier, a matter of a thousandth of the
 * time; the first convolution, which sees the picture itself; the block after it.
 */
export function keptSteps({ graph }: OnnxModel): Pick<Candidate, 'kept' | 'keptFloat'>[] {
  const hasClassifier = graph.nodes.some(({ operator }) => operator === 'Gemm');
  const steps = [
    step(false, false, []),
    ...(hasClassifier ? [step(false, true, [])] : []),
    step(true, hasClassifier, []),
    step(true, hasClassifier, firstBlock(graph)),
  ];
  return steps;
}

function step(first: boolean, classifier: boolean, others: string[]): Pick<Candidate, 'kept' | 'keptFloat'> {
  return {
    kept: { floatFirstConvolution: first, floatClassifier: classifier, floatOutputs: new Set(others) },
    keptFloat: [...(first ? ['first-convolution'] : []), ...(classifier ? ['classifier'] : []), ...others],
  };
}

/** What convolutions make up to the first sum of two branches: least is averaged out there. */
function firstBlock({ nodes, initializers }: OnnxModel['graph']): string[] {
  const end = nodes.findIndex(
    ({ operator, inputs }) => operator === 'Add' && !inputs.some((name) => initializers.has(name)),
  );
  const convolutions = nodes.slice(0, end + 1).filter(({ operator }) => operator === 'Conv');
  return convolutions.slice(1).map(({ outputs }) => outputs[0]!);
}
