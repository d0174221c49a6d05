/** @file How the operators of Paddle 3 name and order what ProgramDesc's operators take. */

export interface OperatorForm {
  /** In ProgramDesc. */
  type: string;
  /** ProgramDesc's names of the inputs, in Paddle 3's order; '@name' is an attribute there, '' is nothing there. */
  inputs: readonly string[];
  /** ProgramDesc's name of the first output; the others are of training or bookkeeping. */
  output: string;
  /** From Paddle 3's names of attributes to ProgramDesc's, where they differ. */
  attributes?: Readonly<Record<string, string>>;
}

const convolution = { inputs: ['Input', 'Filter'], output: 'Output' };
const norm = {
  type: 'batch_norm',
  inputs: ['X', 'Mean', 'Variance', 'Scale', 'Bias'],
  output: 'Y',
  attributes: { data_format: 'data_layout' },
};
const unary = { inputs: ['X'], output: 'Out' };

/**
 * Without the dialect and without the final '_' of those that work in place.
 *
 * Source: Paddle, paddle/phi/ops/yaml/ops.yaml and inconsistent/static_ops.yaml (arguments), op_compat.yaml and
 * Paddle2ONNX (old names); `linear_v2`: Paddle2ONNX, paddle2onnx/mapper/nn/linear_v2.cc.
 */
export const operatorForms: ReadonlyMap<string, OperatorForm> = new Map(
  Object.entries<OperatorForm>({
    conv2d: { type: 'conv2d', ...convolution },
    depthwise_conv2d: { type: 'depthwise_conv2d', ...convolution },
    batch_norm: norm,
    sync_batch_norm: norm,
    relu: { type: 'relu', ...unary },
    sigmoid: { type: 'sigmoid', ...unary },
    softmax: { type: 'softmax', ...unary },
    assign: { type: 'assign', ...unary },
    share_data: { type: 'assign', ...unary },
    add: { type: 'elementwise_add', inputs: ['X', 'Y'], output: 'Out' },
    pool2d: { type: 'pool2d', inputs: ['X', '@ksize'], output: 'Out' },
    flatten: { type: 'flatten_contiguous_range', ...unary },
    reshape: { type: 'reshape2', inputs: ['X', '@shape'], output: 'Out' },
    squeeze: { type: 'squeeze2', inputs: ['X', '@axes'], output: 'Out' },
    scale: { type: 'scale', inputs: ['X', '@scale'], output: 'Out' },
    dropout: {
      type: 'dropout',
      inputs: ['X', '', '@dropout_prob'],
      output: 'Out',
      attributes: { p: 'dropout_prob', mode: 'dropout_implementation' },
    },
    matmul: {
      type: 'matmul_v2',
      inputs: ['X', 'Y'],
      output: 'Out',
      attributes: { transpose_x: 'trans_x', transpose_y: 'trans_y' },
    },
    linear_v2: { type: 'linear_v2', inputs: ['X', 'Weight', 'Bias'], output: 'Out' },
  }),
);
