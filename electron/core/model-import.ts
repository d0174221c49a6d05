/** @file What was recognised in a model file, and what a person still has to say before it becomes a model. */
import type { Preprocess } from './preprocess.ts';

export const importFormats = [
  'onnx',
  'safetensors',
  'pytorch',
  'pytorch-legacy',
  'paddle-params',
  'paddle-inference',
  'paddle-json',
] as const;
export type ImportFormat = (typeof importFormats)[number];

/** 'imagenet-1k': the list that comes with the app; 'file': a list the person chose or that lay beside the model. */
export type LabelSource = 'imagenet-1k' | 'file' | 'numbers';

export interface PreprocessProposal {
  /** 'paddleclas', 'torchvision-v1', 'torchvision-v2', 'timm:<tag>', or 'custom' for what the file itself says. */
  name: string;
  preprocess: Preprocess;
}

export interface ImportProposal {
  importId: number;
  /** Base name of what was chosen. */
  fileName: string;
  format: ImportFormat;
  sizeBytes: number;
  /** In PaddleClas' words ('ResNeXt50_vd_32x4d'); null for another classifier. */
  architecture: string | null;
  /** Whose tensor names these are. */
  naming: 'torchvision' | 'timm' | 'paddleclas' | null;
  parameterCount: number | null;
  macCount: number | null;
  classCount: number;
  input: { width: number; height: number; layout: 'NCHW' | 'NHWC'; type: 'float32' | 'uint8' };
  /** The graph takes this many pictures at a time and cannot be changed; null: any number. */
  fixedRows: number | null;
  /** What the outputs are, by a probe batch; 'unknown' is asked of the person. */
  outputs: 'logits' | 'scores' | 'unknown';
  hasFeatures: boolean;
  /** Best guess first. */
  preprocess: PreprocessProposal[];
  /** False when the guess rests on nothing but custom: then the person should look. */
  preprocessSure: boolean;
  /** The lists that fit `classCount`, best first, with their first names; 'numbers' ("class 0", …) is always last. */
  labels: { source: LabelSource; count: number; firstNames: string[] }[];
  /** Free in the registry, made from the file name. */
  id: string;
  title: string;
}

export interface ImportChoices {
  id: string;
  title: string;
  /** Name of a proposal, or any name that {@link ImportProposal.preprocess} allows. */
  preprocess: string | Preprocess;
  labels: LabelSource;
  outputs: 'logits' | 'scores';
  licence: string;
}

/** How far an import is. */
export interface ImportProgress {
  importId: number;
  step: 'reading' | 'converting' | 'checking' | 'finished';
  /** Share done of this step in [0, 1]; null when unknown. */
  share: number | null;
}
