/**
 * @file Exports of Label Studio: JSON (tasks with annotations and predictions) and JSON-MIN; its tables are tables.
 *
 * Rules: of several annotations the last that was not cancelled counts; where all were cancelled the picture is skipped;
 * only without any annotation do predictions count; choices of every control are labels, boxes are not.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { Importer } from './importer.ts';
import { jsonEvents } from './json-elements.ts';
import { entriesOf } from './label-studio-tasks.ts';

export const labelStudio: Importer = {
  id: 'label-studio',
  title: 'Label Studio export',
  target: 'file',
  recognises({ text }) {
    if (!/^\s*\[\s*\{/.test(text)) return 0;
    const hasTasks = /"data"\s*:\s*\{/.test(text) && /"(?:annotations|predictions|completions)"\s*:\s*\[/.test(text);
    const isMin = /"annotation_id"\s*:/.test(text) || /"annotator"\s*:/.test(text);
    return hasTasks ? 0.9 : isMin ? 0.85 : /"data"\s*:\s*\{/.test(text) ? 0.4 : 0;
  },
  async *read(beginning, options) {
    for await (const event of jsonEvents(beginning, new Set([null]), (bytesRead) => options.onBytes(bytesRead))) {
      if (event.name !== null) {
        throw new AppError('input.invalid', `${basename(beginning.path)} is an object; Label Studio exports a list`, {
          details: { path: beginning.path },
        });
      }
      if (event.is === 'element') yield* entriesOf(event.value, `task ${event.index + 1}`);
    }
  },
};
