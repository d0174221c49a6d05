/** @file Model files on their way to becoming model folders: recognised, chosen about, converted, checked, written. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { ImportChoices, ImportProgress, ImportProposal } from '#core/model-import.ts';
import type { ModelLabel } from '../manifest.ts';
import { convertSource } from './convert.ts';
import { chosenLabels, labelProposals } from './label-choice.ts';
import { readLabelsFile } from './labels-file.ts';
import { openSource } from './open-source.ts';
import { proposePreprocess } from './preprocess-proposals.ts';
import type { Source } from './source.ts';
import { statedPreprocess } from './stated-preprocess.ts';

export interface Imports extends AsyncDisposable {
  /**
   * Look at a file or a folder; nothing is written.
   *
   * @param path  absolute
   * @throws {AppError} 'model.unsupported', 'model.corrupt', 'model.invalid', 'file.missing', 'file.denied'
   */
  inspect(path: string, options?: { signal?: AbortSignal }): Promise<ImportProposal>;
  /** Take labels from a list of the person's. @throws {AppError} 'model.unsupported', 'not-found' */
  setLabels(importId: number, path: string): Promise<ImportProposal>;
  /**
   * Convert, prove in a process of its own, and move the finished folder into the person's models.
   *
   * @param origin  what the manifest says of source and accuracy, for files from the catalogue
   * @throws {AppError} 'model.unsupported', 'model.invalid', 'disk.full', 'aborted', 'not-found'
   */
  run(importId: number, choices: ImportChoices, origin?: ImportOrigin): Promise<{ modelId: string }>;
  /** Stop, or forget the proposal. */
  cancel(importId: number): void;
}

export interface ImportOrigin {
  source: string;
  description: string;
  metrics: { name: string; value: number; source: string }[];
}

export interface ImportsOptions {
  /** The person's own models folder, absolute; made when needed. */
  ownModels: string;
  /** Ids that are taken. */
  takenIds: () => Promise<string[]>;
  onProgress: (progress: ImportProgress) => void;
}

/** Proposals nobody took up go after so many newer ones. */
const maxOpen = 8;
/** Files beside the model that people and exporters put labels into, best first. */
const labelFiles = [
  'labels.json',
  'labels.txt',
  'label_list.txt',
  'imagenet1k_label_list.txt',
  'classes.txt',
  'config.json',
];

interface Pending {
  source: Source;
  proposal: ImportProposal;
  /** From a file beside the model or one the person chose. */
  fileLabels: ModelLabel[] | null;
  stop: AbortController;
  running: boolean;
}

export function openImports({ ownModels, takenIds, onProgress }: ImportsOptions): Imports {
  const pending = new Map<number, Pending>();
  let nextId = 1;

  function get(importId: number): Pending {
    const found = pending.get(importId);
    if (!found) throw new AppError('not-found', 'This import is no longer open: choose the file again');
    return found;
  }

  function forget(importId: number): void {
    const found = pending.get(importId);
    if (!found) return;
    pending.delete(importId);
    found.source[Symbol.dispose]();
  }

  return {
    async inspect(path, { signal } = {}) {
      const importId = nextId++;
      const { source, folder } = await openSource(path, signal);
      try {
        source.stated ??= await statedPreprocess(folder);
        const hints = [basename(path), basename(folder)];
        const { preprocess, sure } = proposePreprocess(source, hints);
        const fileLabels = source.statement?.labels ?? (await labelsBeside(folder, source.classCount));
        const { size } = await stat(source.path);
        const title = titleOf(path);
        const proposal: ImportProposal = {
          importId,
          fileName: basename(path),
          format: source.format,
          sizeBytes: size,
          architecture: source.architecture,
          naming: source.naming,
          parameterCount: source.parameterCount,
          macCount: source.macCount,
          classCount: source.classCount,
          input: source.input,
          fixedRows: source.fixedRows,
          outputs: source.outputs,
          hasFeatures: source.names.features !== null,
          preprocess,
          preprocessSure: sure,
          labels: labelProposals(source.classCount, fileLabels),
          id: freeId(title, await takenIds()),
          title,
        };
        for (const old of [...pending.keys()].slice(0, Math.max(0, pending.size - maxOpen + 1))) {
          if (!pending.get(old)!.running) forget(old);
        }
        pending.set(importId, { source, proposal, fileLabels, stop: new AbortController(), running: false });
        return proposal;
      } catch (thrown) {
        source[Symbol.dispose]();
        throw thrown;
      }
    },

    async setLabels(importId, path) {
      const found = get(importId);
      const { classCount } = found.source;
      const labels = await readLabelsFile(path);
      if (labels.length !== classCount) {
        throw new AppError(
          'model.unsupported',
          `${basename(path)} has ${labels.length} labels, the model has ${classCount} classes`,
        );
      }
      found.fileLabels = labels;
      found.proposal = { ...found.proposal, labels: labelProposals(classCount, labels) };
      return found.proposal;
    },

    async run(importId, choices, origin) {
      const found = get(importId);
      if (found.running) throw new AppError('busy', 'This import is already on its way');
      found.running = true;
      try {
        const labels = chosenLabels(choices.labels, found.source.classCount, found.fileLabels);
        if ((await takenIds()).includes(choices.id)) {
          throw new AppError('input.invalid', `There is a model called "${choices.id}" already`);
        }
        await convertSource(found.source, choices, labels, origin ?? ownOrigin(found), {
          ownModels,
          signal: found.stop.signal,
          onStep: (step) => onProgress({ importId, step, share: null }),
        });
        forget(importId);
        return { modelId: choices.id };
      } catch (thrown) {
        found.running = false;
        if (found.stop.signal.aborted) forget(importId);
        throw thrown;
      }
    },

    cancel(importId) {
      const found = pending.get(importId);
      found?.stop.abort();
      if (found && !found.running) forget(importId);
    },

    async [Symbol.asyncDispose]() {
      for (const [importId, { stop }] of [...pending]) {
        stop.abort();
        forget(importId);
      }
    },
  };
}

function ownOrigin({ proposal }: Pending): ImportOrigin {
  return { source: proposal.fileName, description: '', metrics: [] };
}

/** 'ResNeXt50 vd 32x4d' from 'ResNeXt50_vd_32x4d_pretrained.pdparams'. */
function titleOf(path: string): string {
  const name = basename(path).replace(/\.(?:onnx|safetensors|pth|pt|bin|pdparams|pdmodel|pdiparams|json|tar)$/i, '');
  const plain = /^(?:model|inference|pytorch_model|weights)$/i.test(name) ? basename(dirname(path)) : name;
  const title = plain
    .replace(/_(?:pretrained|infer)$/i, '')
    .replaceAll(/[_\s]+/g, ' ')
    .trim();
  return title.slice(0, 200) || 'Model';
}

function freeId(title: string, taken: readonly string[]): string {
  const plain =
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9.]+/g, '-')
      .replaceAll(/^[-.]+|-+$/g, '')
      .slice(0, 80) || 'model';
  for (let number = 1; ; number++) {
    const id = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** A list that lies beside the model and fits; what does not fit is not worth a word here. */
async function labelsBeside(folder: string, classCount: number): Promise<ModelLabel[] | null> {
  for (const name of labelFiles) {
    const labels = await readLabelsFile(join(folder, name)).catch(() => null);
    if (labels?.length === classCount) return labels;
  }
  return null;
}
