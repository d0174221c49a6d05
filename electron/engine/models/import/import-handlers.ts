/** @file The calls about model files: recognising, importing, and forgetting them again. */
import type { EngineCallName, Handlers } from '#contract/calls.ts';
import type { Imports } from './imports.ts';

export type ImportCallName = Extract<
  EngineCallName,
  'models.inspect' | 'models.import-labels' | 'models.import' | 'models.import-cancel'
>;

/** @param onChanged  a model has been added */
export function importHandlers(imports: Imports, onChanged: () => void): Handlers<ImportCallName> {
  return {
    'models.inspect': ({ path }) => imports.inspect(path),
    'models.import-labels': ({ importId, path }) => imports.setLabels(importId, path),
    'models.import': async ({ importId, choices }) => {
      const made = await imports.run(importId, choices);
      onChanged();
      return made;
    },
    'models.import-cancel': ({ importId }) => imports.cancel(importId),
  };
}
