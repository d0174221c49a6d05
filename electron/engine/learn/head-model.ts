/** @file What a head is: a linear layer over embeddings of length 1, and the examples it is fitted to. */

export interface Matrix {
  /** Shape [rows, width], row by row. */
  values: Float32Array;
  rows: number;
  width: number;
}

/** Softmax over the categories, or with several categories a picture a sigmoid for each. */
export interface HeadModel {
  categoryIds: readonly number[];
  /** Of the embeddings, D. */
  width: number;
  /** Shape [C, D]. */
  weights: Float32Array;
  /** Shape [C]. */
  biases: Float32Array;
  /** Logits are divided by it before softmax or sigmoid. */
  temperature: number;
  multiLabel: boolean;
}

/** Decided pictures. */
export interface Examples {
  imageIds: Int32Array;
  /** Shape [N, D], each row of length 1. */
  features: Matrix;
  /** For each picture the places of its categories in `categoryIds`; without multi-label exactly one. */
  labels: readonly (readonly number[])[];
  categoryIds: readonly number[];
}

/** Matrix products in the runtime's own kernels, which JavaScript cannot match. */
export interface Multiplier extends AsyncDisposable {
  /**
   * @param a  shape [N, K]
   * @param b  shape [M, K], transposed before: rows are what `a`'s rows are compared with
   * @returns  shape [N, M]: a · bᵀ
   */
  timesTransposed(a: Matrix, b: Matrix): Promise<Matrix>;
  /**
   * @param a  shape [K, N], transposed before
   * @param b  shape [K, M]
   * @returns  shape [N, M]: aᵀ · b
   */
  transposedTimes(a: Matrix, b: Matrix): Promise<Matrix>;
}
