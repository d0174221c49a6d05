/** @file What a file says about one picture in several lines in a row, as one. */
import type { FileLabels } from '#core/label-import.ts';
import type { ImportEntry } from './importer.ts';

interface Joined {
  first: FileLabels;
  /** Of all of them; a set, for a file may name one picture in a million lines. */
  categories: Set<string>;
}

/**
 * A decision silences predictions beside it; of several decisions, or several predictions, all categories count.
 *
 * @param minScore  further predictions of a picture below this do not count; whether the best one does is not said here
 */
export async function* joinEntries(entries: AsyncIterable<ImportEntry>, minScore = 0): AsyncGenerator<ImportEntry> {
  let open: Joined | undefined;
  for await (const entry of entries) {
    if ('invalid' in entry) {
      if (open) yield close(open);
      open = undefined;
      yield entry;
    } else if (open && isSamePicture(open.first, entry)) {
      if (!entry.predicted || (entry.score ?? 1) >= minScore) join(open, entry);
    } else {
      if (open) yield close(open);
      open = { first: entry, categories: new Set(entry.categories) };
    }
  }
  if (open) yield close(open);
}

const isSamePicture = (one: FileLabels, other: FileLabels) =>
  one.file === other.file && one.folder === other.folder && one.picture === other.picture;

const close = ({ first, categories }: Joined): FileLabels => ({ ...first, categories: [...categories] });

function join(open: Joined, entry: FileLabels): void {
  const { first, categories } = open;
  if (entry.categories.length === 0 && entry.review === null) return;
  const saidNothing = categories.size === 0 && first.review === null;
  if (saidNothing || (first.predicted && !entry.predicted)) {
    open.first = entry;
    open.categories = new Set(entry.categories);
  } else if (first.predicted === entry.predicted) {
    for (const name of entry.categories) categories.add(name);
    if (first.review === null) open.first = { ...first, review: entry.review };
  }
}
