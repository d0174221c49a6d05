/** @file What an import would do: every entry matched to a picture, compared with what is decided, and counted. */
import { dirname } from 'node:path';
import type { FileLabels, ImportOptions, ImportPlan, ImportProblem, InvalidEntry } from '#core/label-import.ts';
import { AppError } from '#core/errors.ts';
import type { ReviewState } from '#core/image.ts';
import { categoriesTable } from '../store/categories.ts';
import type { Database } from '../store/database.ts';
import { datasetsTable } from '../store/datasets.ts';
import { pictureLookup, type DecidedSoFar } from '../store/picture-lookup.ts';
import type { ImportedLabels } from '../store/review.ts';
import type { Importer, ImportBeginning, ImportEntry, ReadOptions } from './importer.ts';
import { maxCategories, maxNameLength } from './importer.ts';
import { joinEntries } from './join-entries.ts';
import { openMatcher, type Match } from './match.ts';

const namedProblems = 100;
const shownExamples = 20;
/** Our tables give scores with six digits. */
const scoreError = 1e-6;

/** Pictures that the file decides alike. */
interface Group {
  categories: string[];
  review: ReviewState | null;
}

export interface PlannedImport {
  plan: Omit<ImportPlan, 'importId' | 'fileName' | 'format' | 'table'>;
  labels: ImportedLabels;
}

/**
 * Reads all of it and changes nothing.
 *
 * @param db  one that only reads is enough
 * @throws {AppError} 'input.invalid' when the whole cannot be read, or names more than 20,000 categories
 */
export async function planImport(
  db: Database,
  datasetId: number,
  importer: Importer,
  beginning: ImportBeginning,
  options: ImportOptions,
  onProgress: (bytesRead: number, entryCount: number) => void,
): Promise<PlannedImport> {
  const { multiLabel } = datasetsTable(db).way(datasetId);
  const lookup = pictureLookup(db, datasetId);
  const besides = beginning.isFolder ? beginning.path : dirname(beginning.path);
  const match = openMatcher(lookup, besides);
  const groups = openGroups();
  const chosen = new Map<number, number>();
  const matched = { byPath: 0, byName: 0, byContent: 0 };
  const problems: Record<ImportProblem, number> = { unmatched: 0, ambiguous: 0, invalid: 0, several: 0 };
  const firstProblems: ImportPlan['firstProblems'] = [];
  const examples: { file: string; name: string; id: number }[] = [];
  let entryCount = 0;
  let leftOut = 0;
  let edited = 0;
  let bytesRead = 0;

  function tell(
    problem: ImportProblem,
    { file, place }: { file: string; place: string },
    reason: string,
    why?: InvalidEntry,
  ): void {
    problems[problem]++;
    if (firstProblems.length < namedProblems) firstProblems.push({ problem, file, place, reason, ...(why && { why }) });
  }

  /** The score is that of our best prediction and the label is not: somebody changed it, in a spreadsheet maybe. */
  function wasEdited({ predicted, score, categories }: FileLabels, imageId: number): boolean {
    if (!predicted || score === null) return false;
    const [name, best] = lookup.predicted(imageId) ?? [];
    return name !== undefined && name !== categories[0] && Math.abs(best! - score) < scoreError;
  }

  function accept(entry: FileLabels, { picture, by }: Extract<Match, { picture: unknown }>, isEdited: boolean): void {
    const several = entry.categories.length > 1 && !multiLabel;
    // Of predictions the best one counts, as everywhere; of decisions nobody can say which.
    if (several && !entry.predicted) {
      return tell('several', entry, `${entry.categories.length} categories, but pictures here have one each`);
    }
    const categories = several || isEdited ? entry.categories.slice(0, 1) : entry.categories;
    if (!chosen.has(picture.id)) {
      matched[by]++;
      if (examples.length < shownExamples) examples.push({ file: entry.file, name: picture.path, id: picture.id });
    }
    chosen.set(picture.id, groups.of(categories, entry.predicted ? null : keptReview(entry)));
  }

  async function take(entry: ImportEntry): Promise<void> {
    if ('invalid' in entry) {
      entryCount++;
      return tell('invalid', entry, entry.invalid, entry.why);
    }
    if (saysNothing(entry)) return;
    entryCount++;
    const wrong = wrongName(entry.categories);
    if (wrong !== undefined) return tell('invalid', entry, wrong, 'bad-label');
    const found = await match(entry);
    const isEdited = 'picture' in found && wasEdited(entry, found.picture.id);
    if (entry.predicted && !isEdited && (!options.predictions || (entry.score ?? 1) < options.minScore)) {
      leftOut++;
      return;
    }
    if (isEdited) edited++;
    if ('picture' in found) accept(entry, found, isEdited);
    else if (found.among.length > 1) {
      const { path } = found.among[0]!;
      tell('ambiguous', entry, `${found.among.length} pictures might be meant, such as ${path}`);
    } else tell('unmatched', entry, 'No picture here has this path, name or content');
  }

  const reading: ReadOptions = { table: options.table, onBytes: (bytes) => (bytesRead = bytes) };
  let sinceTold = 0;
  for await (const entry of joinEntries(importer.read(beginning, reading), options.minScore)) {
    await take(entry);
    if (++sinceTold < 1000) continue;
    sinceTold = 0;
    onProgress(bytesRead, entryCount);
  }

  const known = knownCategories(db, datasetId, groups.all());
  const counted = { unchanged: 0, conflicts: 0, fresh: 0 };
  const idsOf: number[][] = groups.all().map(() => []);
  const before = new Map<number, DecidedSoFar>();
  for (const [imageId, place] of chosen) {
    if (++sinceTold % 1000 === 0) onProgress(bytesRead, entryCount);
    const now = lookup.decided(imageId);
    if (examples.some(({ id }) => id === imageId)) before.set(imageId, now);
    const state = compare(now, groups.all()[place]!, known.ids);
    counted[state]++;
    // What is so already is not written again: it was the person's decision, not the file's.
    if (state !== 'unchanged') idsOf[place]!.push(imageId);
  }
  return {
    plan: {
      entryCount,
      matched,
      problems,
      firstProblems,
      leftOut,
      edited,
      ...counted,
      newCategories: known.added.slice(0, namedProblems),
      newCategoryCount: known.added.length,
      examples: examples.map(({ file, name, id }) => ({
        file,
        name,
        now: before.get(id)!.categoryIds.map((categoryId) => known.nameOf(categoryId)),
        categories: groups.all()[chosen.get(id)!]!.categories,
      })),
    },
    labels: {
      groups: groups
        .all()
        .map((group, place) => ({ ...group, imageIds: Int32Array.from(idsOf[place]!).sort() }))
        .filter(({ imageIds }) => imageIds.length > 0),
    },
  };
}

/** Nothing is decided by an entry without a label, unless it is said to be put off. */
function saysNothing({ categories, review }: FileLabels): boolean {
  return categories.length === 0 && review !== 'unsure' && review !== 'skipped';
}

/** Labels and a review state that does not go with them: the labels count. */
function keptReview({ categories, review }: FileLabels): ReviewState | null {
  if (categories.length === 0) return review;
  return review === 'accepted' || review === 'corrected' ? review : null;
}

function wrongName(categories: readonly string[]): string | undefined {
  for (const name of categories) {
    if (name.trim() === '') return 'A label without a name';
    if (name.length > maxNameLength) return `A label of ${name.length} letters; ${maxNameLength} are allowed`;
  }
  return undefined;
}

function openGroups() {
  const places = new Map<string, number>();
  const groups: Group[] = [];
  const names = new Set<string>();
  return {
    all: (): readonly Group[] => groups,
    /** Place of the group of pictures that are decided so. */
    of(said: readonly string[], review: ReviewState | null): number {
      const categories = [...new Set(said.map((name) => name.trim()))];
      const key = JSON.stringify([review, categories]);
      let place = places.get(key);
      if (place === undefined) {
        for (const name of categories) names.add(name);
        if (names.size > maxCategories) {
          throw new AppError('input.invalid', `More than ${maxCategories} different labels; this is no list of labels`);
        }
        place = groups.push({ categories, review }) - 1;
        places.set(key, place);
      }
      return place;
    },
  };
}

/** The ids of names that the dataset has, as deciding by name finds them, and the names it lacks, in order. */
function knownCategories(db: Database, datasetId: number, groups: readonly Group[]) {
  const table = categoriesTable(db);
  const ids = new Map<string, number>();
  const added = new Set<string>();
  const isSeen = (name: string) => ids.has(name) || added.has(name);
  for (const name of groups.flatMap(({ categories }) => categories)) {
    if (isSeen(name)) continue;
    const row = table.find(datasetId, name);
    if (row && !row.removed) ids.set(name, row.mergedInto ?? row.id);
    else added.add(name);
  }
  return { ids, added: [...added], nameOf: (categoryId: number) => table.get(datasetId, categoryId).name };
}

function compare(now: DecidedSoFar, group: Group, ids: ReadonlyMap<string, number>) {
  const said = group.categories.map((name) => ids.get(name) ?? -1);
  const isAlike = said.length === now.categoryIds.length && said.every((id) => now.categoryIds.includes(id));
  if (isAlike && (said.length > 0 || group.review === now.review)) return 'unchanged';
  return now.review === 'accepted' || now.review === 'corrected' ? 'conflicts' : 'fresh';
}
