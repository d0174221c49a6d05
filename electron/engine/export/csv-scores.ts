/** @file Columns of a table with the scores of a picture, one for each category that any picture is predicted to be. */
import { linesPerPiece, type ExportSource } from './exporter.ts';

export interface ScoreColumns {
  /** In the order of the library. */
  headers: string[];
  /**
   * The end of a line, a comma in front of each field; empty where the run did not keep a score for the category.
   *
   * @param imageId  not below the last one asked for
   */
  of(imageId: number): string;
}

/** In front of the name: no column is taken for another one, whatever a category is called. */
const prefix = 'score:';

/** Looks ahead through all pictures once, with empty pieces as breaths; then goes along with whoever asks. */
export function* openScores(source: ExportSource): Generator<string, ScoreColumns> {
  const choice = { scores: true, ahead: true };
  const used = new Set<number>();
  let seen = 0;
  for (const { categoryId } of source.rows(choice)) {
    if (categoryId !== null) used.add(categoryId);
    if (++seen % linesPerPiece === 0) yield '';
  }
  const categories = [...source.categories()].filter(({ id }) => used.has(id));
  const columnOf = new Map(categories.map(({ id }, column) => [id, column]));
  const rows = source.rows(choice)[Symbol.iterator]();
  let next = rows.next();
  return {
    // On one line, by which the file is known as ours.
    headers: categories.map(({ name }) => prefix + name.replaceAll(/[\r\n]+/g, ' ')),
    of(imageId) {
      const fields = new Array<string>(categories.length).fill('');
      for (; !next.done && next.value.imageId <= imageId; next = rows.next()) {
        const { imageId: ofImage, categoryId, score } = next.value;
        const column = categoryId === null || ofImage !== imageId ? undefined : columnOf.get(categoryId);
        if (column !== undefined && score !== null) fields[column] = score.toFixed(6);
      }
      return fields.map((field) => `,${field}`).join('');
    },
  };
}
