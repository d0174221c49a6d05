/** @file Small symmetric matrices: square roots and principal axes. In float64, where the rest is float32. */

/** Off-diagonal elements below this part of the diagonal's size are none to float32, which everything else is in. */
const negligible = 1e-8;
const maxSweeps = 12;
/** Added to the diagonal as a part of its largest element: what float32 left unsure of the sums must not decide. */
const shift = 3e-6;

/**
 * What makes rows orthonormal: with G = Q · Qᵀ of independent rows Q, the rows of L⁻¹ · Q are orthonormal, G = L · Lᵀ.
 * Of rows that hardly differ nearly so; after three rounds they are (Fukaya et al. 2020, Shifted Cholesky QR).
 *
 * @param gram  shape [n, n], positive definite
 * @returns     L⁻¹, lower triangular, shape [n, n]
 */
export function inverseCholesky(gram: Float32Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  let largest = Number.MIN_VALUE;
  for (let row = 0; row < n; row++) largest = Math.max(largest, gram[row * n + row]!);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = gram[row * n + column]! + (row === column ? shift * largest : 0);
      for (let k = 0; k < column; k++) rest -= lower[row * n + k]! * lower[column * n + k]!;
      lower[row * n + column] =
        row === column ? Math.sqrt(Math.max(rest, (shift * largest) / 10)) : rest / lower[column * n + column]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const pivot = lower[row * n + row]!;
    inverse[row * n + row] = 1 / pivot;
    for (let k = 0; k < row; k++) {
      const factor = lower[row * n + k]! / pivot;
      for (let column = 0; column <= k; column++) inverse[row * n + column]! -= factor * inverse[k * n + column]!;
    }
  }
  return inverse;
}

export interface Axes {
  /** Largest first. */
  values: Float64Array;
  /** Shape [n, n]: row `i` belongs to value `i`, of length 1. */
  vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors by rotations in turn.
 *
 * @param matrix  shape [n, n], symmetric
 *
 * Source: Jacobi 1846; the angle as in Golub and Van Loan, Matrix computations, 8.5.
 */
export function principalAxes(matrix: Float32Array, n: number): Axes {
  const a = Float64Array.from(matrix);
  const axes = new Float64Array(n * n);
  for (let index = 0; index < n; index++) axes[index * n + index] = 1;
  let size = 0;
  for (let index = 0; index < n; index++) size += Math.abs(a[index * n + index]!);
  const least = (negligible * size) / Math.max(1, n);
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    let turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]!) <= least) continue;
        turned = true;
        rotate(a, axes, n, p, q);
      }
    }
    if (!turned) break;
  }
  const order = Array.from({ length: n }, (_, index) => index).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(axes.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (index) => a[index * n + index]!), vectors };
}

/** Turn the axes `p` and `q` so that a[p][q] becomes 0. */
function rotate(a: Float64Array, axes: Float64Array, n: number, p: number, q: number): void {
  const [ap, aq, apq] = [a[p * n + p]!, a[q * n + q]!, a[p * n + q]!];
  const theta = (aq - ap) / (2 * apq);
  const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[p * n + k]!, a[q * n + k]!];
    // Only rows are turned, which lie together in memory; columns follow by symmetry.
    a[p * n + k] = cosine * kp - sine * kq;
    a[q * n + k] = sine * kp + cosine * kq;
    const [vp, vq] = [axes[p * n + k]!, axes[q * n + k]!];
    axes[p * n + k] = cosine * vp - sine * vq;
    axes[q * n + k] = sine * vp + cosine * vq;
  }
  for (let k = 0; k < n; k++) {
    if (k === p || k === q) continue;
    a[k * n + p] = a[p * n + k]!;
    a[k * n + q] = a[q * n + k]!;
  }
  a[p * n + p] = ap - tangent * apq;
  a[q * n + q] = aq + tangent * apq;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}
