/** @file What a model folder says about itself: `model.json` and its label file. */
import * as z from 'zod';
import { preprocessSchema } from '#contract/model-calls.ts';

/** A file in the model's own folder: no separators, no `..`. */
const fileName = z
  .string()
  .max(200)
  .regex(/^[\w][\w.+ -]*$/, 'must be a plain file name');
const side = z.int().min(1).max(4096);
const share = z.number().min(0).max(1);

export const manifestSchema = z
  .strictObject({
    version: z.literal(1),
    id: z
      .string()
      .max(100)
      .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower case letters, digits, dots, dashes'),
    title: z.string().min(1).max(200),
    family: z.string().max(100),
    /** One or two sentences: what it is good for and what it is not. */
    description: z.string().max(1000),
    file: fileName,
    /** Of `file`, 64 hex digits. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hex digits'),
    sizeBytes: z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
    input: z.strictObject({
      name: z.string().min(1),
      layout: z.enum(['NCHW', 'NHWC']),
      /** uint8 takes the bytes as they are, so `mean` and `std` have no say. */
      type: z.enum(['float32', 'uint8']).default('float32'),
      width: side,
      height: side,
    }),
    preprocess: preprocessSchema,
    outputs: z
      .strictObject({
        /** Raw outputs [N, C]: softmax is still to be done. */
        logits: z.string().min(1).optional(),
        /** The graph has done the softmax. */
        scores: z.string().min(1).optional(),
        /** Pooled penultimate features [N, D]. */
        features: z.string().min(1).optional(),
      })
      .refine(
        ({ logits, scores }) => (logits === undefined) !== (scores === undefined),
        'logits or scores, one of them',
      ),
    /** Each category has a sigmoid of its own, so that a picture can have several; absent: softmax over all of them. */
    multiLabel: z.boolean().optional(),
    labels: fileName,
    /** Logits are divided by it before the softmax. */
    temperature: z.number().positive().default(1),
    /** Below this score a label counts as unsure and a surer parent is shown. */
    unsureBelow: share.default(0.5),
    licence: z.string().min(1).max(500),
    /** What an import found out. */
    facts: z
      .strictObject({
        /** In PaddleClas' words ('ResNeXt50_vd_32x4d'). */
        architecture: z.string().max(100).optional(),
        parameterCount: z.int().min(0).optional(),
        /** Multiply-accumulates for one picture. */
        macCount: z.int().min(0).optional(),
        /** Where the weights come from: an address or a file name, and the SHA-256 of that file. */
        source: z.string().max(2000).optional(),
        sourceSha256: z.string().max(64).optional(),
      })
      .default({}),
    metrics: z
      .array(z.strictObject({ name: z.string().max(200), value: share, source: z.string().max(300) }))
      .max(50)
      .default([]),
  })
  .refine(
    ({ input, preprocess }) => input.width === preprocess.cropWidth && input.height === preprocess.cropHeight,
    'the crop must have the size of the input',
  );

export type Manifest = z.infer<typeof manifestSchema>;

const labelText = z.string().max(512);

export const labelsSchema = z.strictObject({
  /** In the order of the model's outputs. */
  labels: z
    .array(
      z.strictObject({
        name: labelText.min(1),
        supercategory: labelText.default(''),
        wordnetId: labelText.nullable().default(null),
        /** Parents from the root down, without the label itself. */
        path: z.array(labelText.min(1)).max(32).default([]),
      }),
    )
    .min(1)
    .max(100_000),
});

export type ModelLabel = z.infer<typeof labelsSchema>['labels'][number];

/** A model whose files have been checked. */
export interface InstalledModel {
  id: string;
  /** Absolute. */
  folder: string;
  manifest: Manifest;
  labels: ModelLabel[];
  /** Of the ONNX file, as measured. */
  sha256: string;
}
