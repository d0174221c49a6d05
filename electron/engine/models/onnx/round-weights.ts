/**
 * @file Rounding weights so that what they make stays, not they themselves: an error in one weight is made good by those
 * that have not been rounded yet.
 *
 * Source: Frantar et al., "GPTQ" (2022), arXiv:2210.17323, after Hassibi's optimal brain surgeon.
 */

/** A share of the mean square on the diagonal, so that numbers that always come together can be told apart. */
const damping = 0.01;

/**
 * @param values    shape [O, K], of the weights of all groups, one group after the other
 * @param scales    shape [O]: what a step is worth
 * @param products  shape [K, K] for each group: mean products of the numbers that the weights are multiplied with
 * @param limit     no step is larger
 * @returns         shape [O, K], in steps
 */
export function roundWeights(
  values: Float32Array,
  scales: Float32Array,
  products: readonly Float64Array[],
  limit: number,
): Int8Array {
  const outputs = scales.length;
  const size = values.length / outputs;
  const outputsPerGroup = outputs / products.length;
  const rounded = new Int8Array(values.length);
  products.forEach((ofGroup, group) => {
    const factor = inverseFactor(ofGroup, size);
    for (let output = group * outputsPerGroup; output < (group + 1) * outputsPerGroup; output++) {
      const rest = Float64Array.from(values.subarray(output * size, (output + 1) * size));
      const scale = scales[output]!;
      for (let column = 0; column < size; column++) {
        const steps = Math.max(-limit, Math.min(limit, Math.round(rest[column]! / scale)));
        rounded[output * size + column] = steps;
        const error = (rest[column]! - steps * scale) / factor[column * size + column]!;
        for (let later = column + 1; later < size; later++) {
          rest[later] = rest[later]! - error * factor[later * size + column]!;
        }
      }
    }
  });
  return rounded;
}

/** The lower triangle L with L · Lᵀ = the inverse of the damped products. Shapes [K, K]. */
function inverseFactor(products: Float64Array, size: number): Float64Array {
  let trace = 0;
  for (let index = 0; index < size; index++) trace += products[index * size + index]!;
  const damped = products.slice();
  // A channel that is always nought must not divide by it.
  const added = (damping * trace) / size || 1;
  for (let index = 0; index < size; index++) damped[index * size + index] = damped[index * size + index]! + added;
  const inverse = invertTriangle(factorize(damped, size), size);
  const whole = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = 0;
      for (let at = row; at < size; at++) sum += inverse[at * size + row]! * inverse[at * size + column]!;
      whole[row * size + column] = sum;
      whole[column * size + row] = sum;
    }
  }
  return factorize(whole, size);
}

/** Cholesky: the lower triangle L with L · Lᵀ = `matrix`, which is symmetric and positive. */
function factorize(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column]!;
      for (let at = 0; at < column; at++) rest -= factor[row * size + at]! * factor[column * size + at]!;
      factor[row * size + column] =
        row === column ? Math.sqrt(Math.max(rest, Number.MIN_VALUE)) : rest / factor[column * size + column]!;
    }
  }
  return factor;
}

function invertTriangle(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    inverse[column * size + column] = 1 / factor[column * size + column]!;
    for (let row = column + 1; row < size; row++) {
      let sum = 0;
      for (let at = column; at < row; at++) sum -= factor[row * size + at]! * inverse[at * size + column]!;
      inverse[row * size + column] = sum / factor[row * size + row]!;
    }
  }
  return inverse;
}
