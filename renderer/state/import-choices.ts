/** @file What a person chooses about a model file, and what is still wrong with it. */
import type { CallInput } from '#contract/calls.ts';
import type { ImportProposal, LabelSource } from '#core/model-import.ts';
import type { Preprocess } from '#core/preprocess.ts';
import { preprocessPreset, presetNames } from '#core/preprocess-presets.ts';

export interface ImportDraft {
  title: string;
  id: string;
  /** Name of a proposal or a preset; 'own' stands for {@link ownPreprocess}. */
  preprocess: string;
  ownPreprocess: Preprocess;
  labels: LabelSource;
  /** Null until the person has said what no trial could tell. */
  outputs: 'logits' | 'scores' | null;
  licence: string;
}

/** In place of a preset's name: the numbers as the person has edited them. */
export const own = 'own';

export type DraftIssue = 'title' | 'id' | 'idTaken' | 'outputs' | 'side' | 'crop' | 'std' | 'number';

/** With the best guess for everything. */
export function draftOf(proposal: ImportProposal): ImportDraft {
  const [first] = proposal.preprocess;
  if (!first) throw new Error('A proposal always has some preprocessing');
  return {
    title: proposal.title,
    id: proposal.id,
    preprocess: first.name,
    ownPreprocess: first.preprocess,
    labels: proposal.labels[0]?.source ?? 'numbers',
    outputs: proposal.outputs === 'unknown' ? null : proposal.outputs,
    licence: '',
  };
}

/** The numbers in force. */
export function preprocessOf(draft: ImportDraft, proposal: ImportProposal): Preprocess {
  const proposed = proposal.preprocess.find(({ name }) => name === draft.preprocess)?.preprocess;
  return proposed ?? preprocessPreset(draft.preprocess) ?? draft.ownPreprocess;
}

/** Presets that nobody proposed and whose picture the model takes. */
export function otherPresets(proposal: ImportProposal): string[] {
  const proposed = new Set(proposal.preprocess.map(({ name }) => name));
  return presetNames.filter((name) => {
    const preset = preprocessPreset(name);
    return preset !== undefined && !proposed.has(name) && takes(proposal, preset);
  });
}

/** Graphs are built for any size; a finished graph takes its own. */
function takes({ format, input }: ImportProposal, { cropWidth, cropHeight }: Preprocess): boolean {
  const isGraph = format === 'onnx' || format === 'paddle-inference' || format === 'paddle-json';
  return !isGraph || (cropWidth === input.width && cropHeight === input.height);
}

/** What keeps the draft from becoming a model; the engine has the last word. */
export function issuesOf(draft: ImportDraft, takenIds: readonly string[]): Set<DraftIssue> {
  const issues = new Set<DraftIssue>();
  if (!draft.title.trim()) issues.add('title');
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(draft.id)) issues.add('id');
  else if (takenIds.includes(draft.id)) issues.add('idTaken');
  if (draft.outputs === null) issues.add('outputs');
  if (draft.preprocess !== own) return issues;

  const { fit, shortSide, cropWidth, cropHeight, mean, std } = draft.ownPreprocess;
  const sides = [shortSide, cropWidth, cropHeight];
  if (!sides.every((side) => Number.isInteger(side) && side >= 1 && side <= 4096)) issues.add('side');
  else if (fit === 'short-side' && shortSide < Math.max(cropWidth, cropHeight)) issues.add('crop');
  if (![...mean, ...std].every(Number.isFinite)) issues.add('number');
  else if (std.some((value) => value <= 0)) issues.add('std');
  return issues;
}

/** @param draft  without issues */
export function choicesOf(draft: ImportDraft): CallInput<'models.import'>['choices'] {
  return {
    id: draft.id,
    title: draft.title.trim(),
    preprocess: draft.preprocess === own ? plain(draft.ownPreprocess) : draft.preprocess,
    labels: draft.labels,
    outputs: draft.outputs ?? 'logits',
    licence: draft.licence.trim(),
  };
}

function plain({ mean, std, ...rest }: Preprocess) {
  return { ...rest, mean: [...mean] as [number, number, number], std: [...std] as [number, number, number] };
}
