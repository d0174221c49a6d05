/** @file What a file says about one picture in several lines in a row, as one. */
import type { FileLabels } from '#core/label-import.ts';
import type { ImportEntry } from './importer.ts';

/** A decision silences predictions beside it; of several decisions, or several predictions, all categories count. */
export async function* joinEntries(entries: AsyncIterable<ImportEntry>): AsyncGenerator<ImportEntry> {
  let open: FileLabels | undefined;
  for await (const entry of entries) {
    if ('invalid' in entry) {
      if (open) yield open;
      open = undefined;
      yield entry;
    } else if (open?.file === entry.file && open.folder === entry.folder && open.picture === entry.picture) {
      open = joined(open, entry);
    } else {
      if (open) yield open;
      open = entry;
    }
  }
  if (open) yield open;
}

function joined(first: FileLabels, second: FileLabels): FileLabels {
  if (second.categories.length === 0 && second.review === null) return first;
  if (first.categories.length === 0 && first.review === null) return second;
  if (first.predicted !== second.predicted) return first.predicted ? second : first;
  return {
    ...first,
    categories: [...new Set([...first.categories, ...second.categories])],
    review: first.review ?? second.review,
  };
}
