/** @file Which column of a table is which, by what the columns are called and by what stands in them. */
import type { TableMapping } from '#core/label-import.ts';
import { reviewStates } from '#core/image.ts';

export type TableColumns = Pick<
  TableMapping,
  'header' | 'file' | 'label' | 'score' | 'review' | 'folder' | 'separator' | 'oneHot'
>;

/**
 * Names in lower case without blanks and signs; earlier ones are surer. Our own exports, then what pandas, Kaggle,
 * ImageNet, Roboflow and Label Studio tables are seen to use.
 */
const names = {
  file: words(
    'filename file imagefilename imagefile imagename imagepath filepath relativepath relpath path image img photo picture imageid imgid imageurl url fname name id',
  ),
  label: words(
    'label labels classname category categories categoryname class classes tag tags keyword keywords choice choices species breed target groundtruth annotation annotations predictedlabel predictedclass prediction predicted pred labelid classid categoryid y',
  ),
  score: words('score confidence conf probability prob certainty p'),
  review: words('review reviewstate reviewstatus'),
  folder: words('source folder dir directory basedir root'),
};
type Role = keyof typeof names;

/** Column names that say that a cell may hold several labels. */
const plurals = new Set(words('labels classes categories tags keywords choices annotations'));
const separators = ['|', ';', ','] as const;
const pictureName =
  /\.(?:jpe?g|jpe|jfif|png|webp|gif|tiff?|avif|bmp|hei[cf]|jp2|jxl|dng|cr2|cr3|nef|arw|orf|rw2|raf)(?:[?#].*)?$/i;

function words(text: string): string[] {
  return text.split(' ');
}

export function looksLikePicture(text: string): boolean {
  return pictureName.test(text);
}

/** Ours, where cells are exactly what was exported. */
export function isOwnHeader(cells: readonly string[]): boolean {
  return ['file_name', 'source', 'status', 'review', 'label'].every((name) => cells.includes(name));
}

/** Whether the first line names the columns: it has a name of a column we know, or lines below name pictures and it does not. */
export function hasHeader([first, ...rest]: readonly string[][]): boolean {
  if (!first || first.some(looksLikePicture)) return false;
  const isKnown = first.some((cell) => Object.values(names).some((known) => known.includes(plain(cell))));
  return isKnown || rest.some((cells) => cells.some(looksLikePicture));
}

/** How many of the names are known, for choosing between ways to split a line. */
export function knownNameCount(cells: readonly string[]): number {
  return Object.values(names).filter((known) => cells.some((cell) => known.includes(plain(cell)))).length;
}

/**
 * @param records  the first lines of the table, the header among them
 * @returns        null when there is no column for a label
 */
export function findColumns(records: readonly string[][], header: boolean): TableColumns | null {
  const count = Math.max(0, ...records.slice(0, 2).map((cells) => cells.length));
  if (count < 2) return null;
  const titles = (header ? (records[0] ?? []) : []).map(plain);
  const rows = header ? records.slice(1) : records;
  const values = (column: number) => rows.map((cells) => cells[column] ?? '').filter((cell) => cell.trim() !== '');
  const share = (column: number, is: (cell: string) => boolean) => {
    const cells = values(column);
    return cells.length === 0 ? 0 : cells.filter(is).length / cells.length;
  };
  const taken = new Set<number>();
  /** The surest of the columns that are named so and hold what they should; the first of several. */
  function named(role: Role, fits: (column: number) => boolean): number | null {
    for (const name of names[role]) {
      const column = titles.findIndex((title, place) => title === name && !taken.has(place) && fits(place));
      if (column >= 0) return column;
    }
    return null;
  }
  function take(column: number | null): number | null {
    if (column !== null) taken.add(column);
    return column;
  }
  const free = () => Array.from({ length: count }, (_, column) => column).filter((column) => !taken.has(column));

  const ofPictures = (column: number) => share(column, looksLikePicture) > 0.5;
  const file = take(named('file', ofPictures) ?? free().find(ofPictures) ?? named('file', () => true) ?? 0)!;
  const score = take(named('score', (column) => values(column).every((cell) => scoreOf(cell) !== undefined)));
  const isState = (cell: string) => (reviewStates as readonly string[]).includes(cell.trim().toLowerCase());
  const review = take(named('review', (column) => values(column).every(isState)));
  const folder = take(
    named('folder', (column) => titles[column] !== 'source' || values(column).every((cell) => isAbsolute(cell))),
  );
  const isWord = (column: number) => share(column, (cell) => !Number.isFinite(Number(cell))) > 0.5;
  const label =
    named('label', (column) => isWord(column)) ??
    named('label', () => true) ??
    (isOneHot(header, rows, free()) ? null : (free().find(isWord) ?? free()[0] ?? null));
  const columns = { header, file, score, review, folder };
  if (label === null) {
    const first = free()[0];
    return first === undefined ? null : { ...columns, label: first, separator: null, oneHot: true };
  }
  const several = plurals.has(titles[label] ?? '') && !isOwnHeader(records[0] ?? []);
  const separator = several ? separators.find((sign) => values(label).some((cell) => cell.includes(sign))) : undefined;
  return { ...columns, label, separator: separator ?? null, oneHot: false };
}

/** As Roboflow writes its multi-class tables: a column per class, 1 where the picture has it. */
function isOneHot(header: boolean, rows: readonly string[][], columns: readonly number[]): boolean {
  if (!header || rows.length === 0 || columns.length === 0) return false;
  return rows.every((cells) => columns.every((column) => /^\s*[01](?:\.0*)?\s*$/.test(cells[column] ?? '')));
}

function plain(title: string): string {
  return title.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

export function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
}

/** A number in [0, 1], also with a decimal comma or as a percentage; undefined if it is none. */
export function scoreOf(text: string): number | undefined {
  const match = /^\s*(\d*[.,]?\d+(?:e[+-]?\d+)?|\d+[.,])\s*(%?)\s*$/i.exec(text);
  if (!match) return undefined;
  const score = Number(match[1]!.replace(',', '.')) / (match[2] ? 100 : 1);
  return score >= 0 && score <= 1 ? score : undefined;
}
