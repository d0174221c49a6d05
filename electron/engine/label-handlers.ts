/** @file Labels from other tools, as the contract has them. */
import type { EngineCallName, EventName, Events, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { importers } from './import/index.ts';
import type { Store } from './store/store.ts';

type LabelCallName = Extract<EngineCallName, `labels.${string}`>;

export interface LabelImportParts {
  store: Store;
  libraryPath: string;
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
  /** Something was decided. */
  decided(datasetId: number): void;
}

export function openLabelImports(_parts: LabelImportParts): { handlers: Handlers<LabelCallName> } {
  const notYet = () => {
    throw new AppError('not-found', 'No labels can be read yet');
  };
  return {
    handlers: {
      'labels.formats': () => importers.map(({ id, title, target }) => ({ id, title, target })),
      'labels.open': notYet,
      'labels.plan': notYet,
      'labels.import': notYet,
      'labels.discard': notYet,
    },
  };
}
