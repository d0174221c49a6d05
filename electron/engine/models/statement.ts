/** @file What a model exported from here says about itself, in the metadata of its own ONNX file. */
import * as z from 'zod';
import { preprocessSchema } from '#contract/model-calls.ts';
import { labelsSchema } from './manifest.ts';
import type { OnnxModel } from './onnx/model.ts';

const metadataKey = 'labelwright';

const statementSchema = z.object({
  version: z.literal(1),
  title: z.string().min(1).max(200),
  licence: z.string().min(1).max(500),
  preprocess: preprocessSchema,
  /** In the order of the output "logits", which is divided by the temperature already. */
  labels: labelsSchema.shape.labels,
  /** A sigmoid for each category instead of softmax over all. */
  multiLabel: z.boolean(),
  /** The network below, by its id and the SHA-256 of its file. */
  base: z.object({ id: z.string().max(200), sha256: z.string().max(64) }),
  createdMs: z.number(),
});

export type Statement = z.infer<typeof statementSchema>;

export function withStatement(model: OnnxModel, statement: Statement): OnnxModel {
  return { ...model, metadata: new Map(model.metadata).set(metadataKey, JSON.stringify(statement)) };
}

/** @returns null when there is none, or none that makes sense: the file is then like any other */
export function readStatement({ metadata }: OnnxModel): Statement | null {
  const text = metadata?.get(metadataKey);
  if (text === undefined) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = statementSchema.safeParse(json);
  if (!parsed.success) return null;
  // Categories are told apart by their names.
  const names = new Set(parsed.data.labels.map(({ name }) => name));
  return names.size === parsed.data.labels.length ? parsed.data : null;
}
