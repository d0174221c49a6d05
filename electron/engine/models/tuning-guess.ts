/** @file Settings for a model that nobody has measured here: what its graph and the number of cores suggest. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tuning } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { InstalledModel } from './manifest.ts';
import { foldConstants } from './onnx/fold-constants.ts';
import { mergeGroups } from './onnx/merge-groups.ts';
import type { OnnxModel } from './onnx/model.ts';
import { readOnnx } from './onnx/read.ts';
import { sessionsThatFit } from './tuning-memory.ts';

export interface GraphFacts {
  /** Most of its work is done in integers. */
  isInteger: boolean;
  /** Group widths that would change the graph, narrowest first; empty where nothing can be merged. */
  mergeWidths: number[];
  /** How many pictures it insists on. */
  fixedRows: number | null;
  fileBytes: number;
}

/**
 * A vector register holds 8 floats (AVX2) or 16 (AVX-512), and kernels for floats want a group to fill one; those for
 * integers keep gaining up to 32 or 64.
 */
const floatWidths = [8, 16, 32];
const integerWidths = [16, 32, 64];
const guessedFloatWidth = 16;
const guessedIntegerWidth = 32;
/** More than this many pictures at once save nothing, and every one takes memory. */
const guessedBatchSize = 4;
const maxGuessedSessions = 4;
/** Multiply-accumulates a second and core, in floats: a slow laptop's. Integers take about half the time. */
const guessedMacsPerSecond = 30e9;
/** Of ResNeXt-50. */
const guessedMacCount = 4.2e9;

/** Never throws. */
export async function graphFacts(model: InstalledModel): Promise<GraphFacts> {
  const file = join(model.folder, model.manifest.file);
  try {
    const { size } = await stat(file);
    using onnx = readOnnx(file);
    const isInteger = onnx.graph.nodes.filter(({ operator }) => isIntegerOperator(operator)).length > 1;
    const folded = foldConstants(onnx);
    const mergeWidths = (isInteger ? integerWidths : floatWidths).filter((width) => merges(folded, width));
    const rows = onnx.graph.inputs[0]?.shape[0];
    return { isInteger, mergeWidths, fixedRows: typeof rows === 'number' && rows > 0 ? rows : null, fileBytes: size };
  } catch {
    // A run tells what is wrong with it.
    return { isInteger: false, mergeWidths: [], fixedRows: null, fileBytes: model.manifest.sizeBytes };
  }
}

/** Without measuring; `imagesPerSecond` is a guess too, and `measuredMs` is 0. */
export async function guessTuning(
  model: InstalledModel,
  { provider, cores }: { provider: ExecutionProvider; cores: number },
): Promise<Tuning> {
  const facts = await graphFacts(model);
  const macs = model.manifest.facts.macCount ?? guessedMacCount;
  const imagesPerSecond = (cores * guessedMacsPerSecond * (facts.isInteger ? 2 : 1)) / Math.max(1, macs);
  const batchSize = facts.fixedRows ?? guessedBatchSize;
  const shared = { batchSize, imagesPerSecond, measuredMs: 0 };
  if (provider !== 'cpu') return { ...shared, sessions: 1, threads: cores, mergeWidth: 0 };
  const width = facts.isInteger ? guessedIntegerWidth : guessedFloatWidth;
  const sessions = Math.min(cores, maxGuessedSessions, sessionsThatFit(facts));
  return {
    ...shared,
    sessions,
    threads: Math.max(1, Math.floor(cores / sessions)),
    mergeWidth: facts.mergeWidths.includes(width) ? width : 0,
  };
}

function isIntegerOperator(operator: string): boolean {
  return operator === 'QuantizeLinear' || operator === 'DequantizeLinear' || operator === 'QLinearConv';
}

function merges(model: OnnxModel, width: number): boolean {
  return mergeGroups(model, width).graph.nodes.some((node, index) => node !== model.graph.nodes[index]);
}
