/** @file What an importer found in a file: enough to propose, and a way to make the ONNX graph. */
import type { ImportFormat, ImportProposal } from '#core/model-import.ts';
import type { Preprocess } from '#core/preprocess.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { Statement } from '../statement.ts';

type Recognised = Pick<
  ImportProposal,
  'architecture' | 'naming' | 'parameterCount' | 'macCount' | 'classCount' | 'input' | 'fixedRows' | 'outputs'
>;

/** Open until disposed of. */
export interface Source extends Recognised, Disposable {
  format: ImportFormat;
  /** The file that counts: shown, hashed, measured. */
  path: string;
  /** Other input sides can be chosen: nothing in the graph fixes them. */
  freeSize: boolean;
  /** Names in the graph that {@link model} makes. */
  names: { input: string; output: string; features: string | null };
  /** Preprocessing as the files beside the weights state it. */
  stated: Preprocess | null;
  /** What the file says about itself, when it was exported from here; it fits the classes. */
  statement?: Statement;
  /** Who wrote it, as far as the file says: 'paddle' exports carry their own preprocessing. */
  producer: 'paddle' | null;
  /** @returns the graph to write, or null when the file itself is to be copied */
  model(side: { width: number; height: number }): OnnxModel | null;
}
