/**
 * @file Labels in a table: one line per picture and label, or one column per label.
 *
 * Rules:
 * - a label without a score is a decision; with one it is a prediction, unless `review` says that a person accepted or
 *   corrected it (of several such lines of a picture the first counts, the model's further guesses do not);
 * - 'unsure' and 'skipped' put the picture off, whatever a model said;
 * - a line with cells beyond those of the first line, or without one for the file or label, is invalid;
 * - of columns with equal names the first is taken, unless a person chooses another.
 */
import { undoSpreadsheetGuard } from '#core/csv.ts';
import type { FileLabels, InvalidEntry, TableMapping } from '#core/label-import.ts';
import { reviewStates, type ReviewState } from '#core/image.ts';
import type { ImportBeginning, ImportEntry, Importer } from './importer.ts';
import { pictureOf } from './label-studio-tasks.ts';
import { isAbsolute, isOwnHeader, knownNameCount, looksLikePicture, scoreOf } from './table-columns.ts';
import { tableRecords, type TableRecord } from './table-records.ts';
import { shapeOf } from './table-shape.ts';

export const csv: Importer = {
  id: 'csv',
  title: 'CSV table',
  target: 'file',
  recognises,
  shape: (beginning, table) => shapeOf(beginning, table),
  async *read(beginning, options) {
    const { mapping } = await shapeOf(beginning, options.table);
    const records = tableRecords(beginning.path, mapping, (bytesRead) => options.onBytes(bytesRead));
    let entryOf: ReturnType<typeof openReader> | undefined;
    for await (const record of records) {
      const isFirst = entryOf === undefined;
      entryOf ??= openReader(beginning, mapping, record.cells);
      if (isFirst && mapping.header) continue;
      const entry = entryOf(record);
      if (entry) yield entry;
    }
  },
};

function recognises({ name, text }: ImportBeginning): number {
  if (/^\s*[[{<]/.test(text)) return 0;
  const isTable = /\.(csv|tsv)$/.test(name);
  const firstLine = /^[^\r\n]*/.exec(text)![0];
  const cells = firstLine.split(/[,;\t|]/).map((cell) => cell.replaceAll(/^"|"$/g, ''));
  if (isOwnHeader(cells)) return 0.95;
  if (isTable) return cells.length > 1 && knownNameCount(cells) > 1 ? 0.9 : 0.6;
  if (!/\.(txt|tab)$/.test(name) || cells.length < 2) return 0;
  return knownNameCount(cells) > 1 ? 0.8 : 0.3;
}

function openReader(beginning: ImportBeginning, mapping: TableMapping, first: readonly string[]) {
  const isOwn = mapping.header && isOwnHeader(first);
  const text = isOwn && !isDataDialect(beginning, mapping) ? undoSpreadsheetGuard : (cell: string) => cell;
  const trimmed = isOwn ? text : (cell: string) => cell.trim();
  let decided: { file: string; folder: string } | undefined;

  return ({ line, cells }: TableRecord): ImportEntry | undefined => {
    const place = `line ${line}`;
    const file = text(cells[mapping.file] ?? '');
    const invalid = (reason: string, why: InvalidEntry): ImportEntry => ({ invalid: reason, why, file, place });
    const surplus = cells.slice(first.length).find((cell) => cell.trim() !== '');
    if (surplus !== undefined) return invalid(`${cells.length} columns instead of ${first.length}`, 'columns');
    const lastNeeded = Math.max(mapping.file, mapping.oneHot ? first.length - 1 : mapping.label);
    if (cells.length <= lastNeeded)
      return invalid(`${cells.length} columns, but ${lastNeeded + 1} are needed`, 'columns');
    if (file.trim() === '') return invalid('No picture is named', 'no-file');
    if (file.includes('\0')) return invalid('The name has a NUL character', 'bad-name');

    const categories = mapping.oneHot ? hotColumns(mapping, first, cells) : labelsOf(trimmed(cells[mapping.label]!));
    if (categories === undefined) return invalid('A column of a category has something else than 0 or 1', 'bad-label');
    if (categories.some((label) => label.includes('\0'))) return invalid('The label has a NUL character', 'bad-label');
    const said = mapping.score === null ? '' : (cells[mapping.score] ?? '');
    const score = said.trim() === '' ? null : scoreOf(said);
    if (score === undefined) return invalid(`The score ${said.slice(0, 40)} is not between 0 and 1`, 'bad-score');

    const folder = mapping.folder === null ? '' : text(cells[mapping.folder] ?? '');
    const named = !isOwn && file.startsWith('/data/') ? pictureOf(file) : file;
    const base = placed(named, folder, place, isOwn);
    const review = reviewOf(mapping.review === null ? '' : (cells[mapping.review] ?? ''));
    const isAgain = decided?.file === file && decided.folder === folder;
    if (!isAgain) decided = undefined;
    if (categories.length === 0) return { ...base, categories, review, predicted: false, score: null };
    if (score === null) {
      decided = { file, folder };
      const kept = review === 'accepted' || review === 'corrected' ? review : null;
      return { ...base, categories, review: kept, predicted: false, score };
    }
    if (review === 'unsure' || review === 'skipped') {
      return { ...base, categories: [], review, predicted: false, score: null };
    }
    if (review !== 'accepted' && review !== 'corrected') return { ...base, categories, review, predicted: true, score };
    if (isAgain) return undefined;
    decided = { file, folder };
    return { ...base, categories, review, predicted: false, score: null };
  };

  function labelsOf(cell: string): string[] {
    if (cell.trim() === '') return [];
    const choices = isOwn ? undefined : choicesOf(cell);
    if (choices) return choices;
    if (mapping.separator === null) return [cell];
    const labels = cell.split(mapping.separator).map((label) => label.trim());
    return [...new Set(labels)].filter((label) => label !== '');
  }
}

/** What the `data` dialect of our own exports looks like: there nothing was guarded, so nothing is undone. */
function isDataDialect({ bytes, text }: ImportBeginning, { encoding, delimiter }: TableMapping): boolean {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return encoding === 'utf-8' && !hasMark && delimiter === ',' && /^[^\r\n]*(?:\r\n|$)/.test(text);
}

function placed(
  file: string,
  folder: string,
  place: string,
  isOwn: boolean,
): Pick<FileLabels, 'file' | 'folder' | 'withoutExtension' | 'place'> {
  const lacks = !isOwn && !looksLikePicture(file) ? { withoutExtension: true } : {};
  if (folder.trim() === '') return { file, place, ...lacks };
  if (isAbsolute(folder)) return { file, folder, place, ...lacks };
  return { file: `${folder.replace(/[\\/]+$/, '')}/${file}`, place, ...lacks };
}

function reviewOf(cell: string): ReviewState | null {
  const word = cell.trim().toLowerCase();
  return reviewStates.find((state) => state === word) ?? null;
}

/** Categories with 1; undefined when a cell is neither 0, 1 nor empty. */
function hotColumns(
  { file, score, review, folder }: TableMapping,
  titles: readonly string[],
  cells: readonly string[],
): string[] | undefined {
  const hot: string[] = [];
  for (const [column, title] of titles.entries()) {
    if (column === file || column === score || column === review || column === folder) continue;
    const value = cells[column]!.trim();
    if (value !== '' && Number(value) !== 0 && Number(value) !== 1) return undefined;
    if (Number(value) === 1) hot.push(title.trim());
  }
  return [...new Set(hot)];
}

/** How Label Studio's tables write several choices: `{"choices": ["a", "b"]}`. */
function choicesOf(cell: string): string[] | undefined {
  if (!cell.startsWith('{"choices"')) return undefined;
  try {
    const { choices } = JSON.parse(cell) as { choices?: unknown };
    return Array.isArray(choices) && choices.every((choice) => typeof choice === 'string')
      ? [...new Set<string>(choices)]
      : undefined;
  } catch {
    return undefined;
  }
}
