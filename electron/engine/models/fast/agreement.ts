/** @file How well the integer form of a model agrees with its float form. */
import type { AgreementReport } from '#core/model.ts';
import { topK } from '#core/scores.ts';

/** What must be reached before a form is used. */
export interface Gate {
  agreement: number;
  confidentAgreement: number;
  /** Photos that it has to be shown on. */
  imageCount: number;
}

/** Of a hundred photos that a model is sure of, integers may change one; of all, three. */
export const defaultGate: Gate = { agreement: 0.97, confidentAgreement: 0.99, imageCount: 300 };

export type Agreement = Pick<
  AgreementReport,
  'imageCount' | 'agreement' | 'confident' | 'topFiveOverlap' | 'scoreDrift'
> & {
  /** Mean squared difference of the scores' logarithms, which sees what no best category shows yet. */
  error: number;
};

const overlapDepth = 5;
/** Scores below it are all the same: their logarithms would drown those that matter. */
const leastScore = 1e-6;

/** Takes photos one by one. */
export class AgreementCounter {
  readonly #unsureBelow: number;
  #images = 0;
  #agreed = 0;
  #confident = 0;
  #confidentAgreed = 0;
  #overlap = 0;
  #drift = 0;
  #maxDrift = 0;
  #error = 0;

  /** @param unsureBelow  from this score on the float form counts as confident */
  constructor(unsureBelow: number) {
    this.#unsureBelow = unsureBelow;
  }

  /**
   * @param float     scores of the float form, shape [C], in [0, 1]
   * @param integers  of the integer form, likewise; null if they were not finite, which agrees with nothing
   */
  add(float: Float32Array, integers: Float32Array | null): void {
    const best = topK(float, overlapDepth);
    const [first] = best;
    if (!first) return;
    const others = integers ? topK(integers, overlapDepth) : [];
    const agreed = others[0]?.index === first.index;
    this.#images++;
    if (agreed) this.#agreed++;
    if (first.score >= this.#unsureBelow) {
      this.#confident++;
      if (agreed) this.#confidentAgreed++;
    }
    this.#overlap += best.filter(({ index }) => others.some((other) => other.index === index)).length / best.length;
    const drift = Math.abs(first.score - (integers?.[first.index] ?? 0));
    this.#drift += drift;
    this.#maxDrift = Math.max(this.#maxDrift, drift);
    for (let index = 0; index < float.length; index++) {
      const difference = logarithm(float[index]!) - logarithm(integers?.[index] ?? 0);
      this.#error += difference ** 2 / float.length;
    }
  }

  finish(): Agreement {
    const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);
    return {
      imageCount: this.#images,
      agreement: share(this.#agreed, this.#images),
      confident: { imageCount: this.#confident, agreement: share(this.#confidentAgreed, this.#confident) },
      topFiveOverlap: share(this.#overlap, this.#images),
      scoreDrift: { mean: this.#images === 0 ? 0 : this.#drift / this.#images, max: this.#maxDrift },
      error: this.#images === 0 ? 0 : this.#error / this.#images,
    };
  }
}

function logarithm(score: number): number {
  return Math.log(Math.max(score, leastScore));
}

export function passes({ imageCount, agreement, confident }: Omit<Agreement, 'error'>, gate: Gate): boolean {
  return imageCount >= gate.imageCount && agreement >= gate.agreement && confident.agreement >= gate.confidentAgreement;
}
