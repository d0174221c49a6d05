/** @file Lists of pictures for a filter and an order, fixed when opened, and the rows of them. */
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';
import type { ImageDetail, ImageRow } from '#core/image.ts';
import { AppError } from '#core/errors.ts';
import type { Database } from './database.ts';
import type { Tokens } from './tokens.ts';

/** Views are small (4 bytes a picture), but a renderer that forgets them must not fill memory. */
const viewLimit = 16;

const order = {
  name: 'images.path',
  date: 'images.modified_ms',
  score: 'images.top_score',
  uncertainty: 'images.margin',
} as const;

const rowColumns = /* sql */ `
  images.id, images.name, images.status, images.error_code AS errorCode, images.review,
  categories.name AS label, images.top_score AS score, images.margin, images.content_hash AS contentHash,
  images.modified_ms AS modifiedMs, images.parent_name AS parentName, images.parent_score AS parentScore,
  EXISTS (SELECT 1 FROM annotations WHERE image_id = images.id) AS decided
`;

interface StoredRow extends Omit<ImageRow, 'token' | 'version' | 'parent' | 'decided'> {
  contentHash: string | null;
  modifiedMs: number;
  parentName: string | null;
  parentScore: number | null;
  decided: 0 | 1;
}

/** The SQL of a view and its parameters. Exported for the test on query plans. */
export function viewSql(datasetId: number, filter: ImageFilter, sort: ImageSort): { sql: string; values: unknown[] } {
  const where = ['images.dataset_id = ?', 'sources.removed = 0'];
  const values: unknown[] = [datasetId];
  const add = (condition: string, ...more: unknown[]) => {
    where.push(condition);
    values.push(...more);
  };
  const anyOf = (column: string, list: readonly string[] | undefined) => {
    if (list?.length) add(`${column} IN (${list.map(() => '?').join(', ')})`, ...list);
  };
  anyOf('images.review', filter.review);
  anyOf('images.status', filter.status);
  if (!filter.status?.length) add(`images.status <> 'missing'`);
  if (filter.categoryId !== undefined) add('images.category_id = ?', filter.categoryId);
  if (filter.sourceId !== undefined) add('images.source_id = ?', filter.sourceId);
  if (filter.minScore !== undefined && filter.minScore > 0) add('images.top_score >= ?', filter.minScore);
  if (filter.maxScore !== undefined && filter.maxScore < 1) add('images.top_score <= ?', filter.maxScore);
  if (filter.text?.trim()) {
    const text = filter.text.trim().toLowerCase();
    add('(instr(lower(images.path), ?) > 0 OR instr(lower(categories.name), ?) > 0)', text, text);
  }
  const column = order[sort.key];
  const direction = sort.descending ? 'DESC' : 'ASC';
  // Pictures without a score have no place in an order by score: they come last.
  const scored = sort.key === 'score' || sort.key === 'uncertainty';
  const join = filter.text?.trim() ? 'LEFT JOIN categories ON categories.id = images.category_id' : '';
  return {
    sql: /* sql */ `
      SELECT images.id FROM images JOIN sources ON sources.id = images.source_id ${join}
      WHERE ${where.join(' AND ')}
      ORDER BY ${scored ? `${column} IS NULL, ` : ''}${column} ${direction}, images.id ${direction}
    `,
    values,
  };
}

export function openViews(db: Database, tokens: Tokens) {
  const views = new Map<number, Int32Array>();
  // Not from 1: after a restart a number of the engine before this one must not name another view.
  let nextId = Date.now();
  const rows = db.prepare<[string], StoredRow>(/* sql */ `
    SELECT ${rowColumns} FROM json_each(?) AS wanted
    JOIN images ON images.id = wanted.value
    LEFT JOIN categories ON categories.id = images.category_id
    ORDER BY wanted.key
  `);
  const unreviewed = db.prepare<[string], { id: number }>(/* sql */ `
    SELECT images.id FROM json_each(?) AS wanted JOIN images ON images.id = wanted.value
    WHERE images.review = 'unreviewed' AND images.status <> 'missing' ORDER BY wanted.key LIMIT 1
  `);
  type StoredDetail = StoredRow &
    Omit<ImageDetail, keyof ImageRow | 'predictions' | 'annotations' | 'modelTitle'> & { runId: number | null };
  const detail = db.prepare<[number], StoredDetail>(/* sql */ `
    SELECT ${rowColumns}, images.path AS relativePath, sources.folder, images.size_bytes AS sizeBytes,
           images.width, images.height, images.format, images.error_message AS errorMessage, images.run_id AS runId
    FROM images JOIN sources ON sources.id = images.source_id
    LEFT JOIN categories ON categories.id = images.category_id
    WHERE images.id = ?
  `);
  const predictions = db.prepare<[number, number], ImageDetail['predictions'][number]>(/* sql */ `
    SELECT rank, category_id AS categoryId, name AS category, score
    FROM predictions JOIN categories ON categories.id = category_id
    WHERE run_id = ? AND image_id = ? ORDER BY rank
  `);
  const annotations = db.prepare<[number], ImageDetail['annotations'][number]>(/* sql */ `
    SELECT category_id AS categoryId, name AS category, source
    FROM annotations JOIN categories ON categories.id = category_id WHERE image_id = ? ORDER BY sequence
  `);
  const modelTitle = db.prepare<[number], { title: string }>(
    /* sql */ `SELECT title FROM runs JOIN models ON models.id = model_id WHERE runs.id = ?`,
  );

  function row({ contentHash, modifiedMs, parentName, parentScore, decided, ...rest }: StoredRow): ImageRow {
    return {
      ...rest,
      token: tokens.seal(rest.id),
      version: contentHash?.slice(0, 8) ?? modifiedMs.toString(36),
      decided: Boolean(decided),
      parent: parentName === null ? null : { name: parentName, score: parentScore! },
    };
  }

  function ids(viewId: number): Int32Array {
    const view = views.get(viewId);
    if (!view) throw new AppError('not-found', `View ${viewId} is closed`);
    return view;
  }

  return {
    ids,

    open(datasetId: number, filter: ImageFilter, sort: ImageSort): { viewId: number; total: number } {
      const { sql, values } = viewSql(datasetId, filter, sort);
      const list = Int32Array.from(
        db
          .prepare<unknown[], number>(sql)
          .pluck()
          .all(...values),
      );
      const viewId = nextId++;
      views.set(viewId, list);
      if (views.size > viewLimit) views.delete(views.keys().next().value!);
      return { viewId, total: list.length };
    },

    rows(viewId: number, from: number, count: number): ImageRow[] {
      return rows.all(JSON.stringify([...ids(viewId).subarray(from, from + count)])).map(row);
    },

    locate: (viewId: number, imageId: number): number => ids(viewId).indexOf(imageId),

    nextUnreviewed(viewId: number, from: number): { index: number; imageId: number } {
      const list = ids(viewId);
      const start = Math.min(from, list.length);
      for (const [begin, end] of [...chunks(start, list.length), ...chunks(0, start)]) {
        const found = unreviewed.get(JSON.stringify([...list.subarray(begin, end)]));
        if (found) return { index: list.indexOf(found.id, begin), imageId: found.id };
      }
      return { index: -1, imageId: 0 };
    },

    /** @throws {AppError} 'not-found' */
    detail(imageId: number): ImageDetail {
      const stored = detail.get(imageId);
      if (!stored) throw new AppError('not-found', `There is no picture ${imageId}`);
      const { relativePath, folder, sizeBytes, width, height, format, errorMessage, runId, ...rest } = stored;
      return {
        ...row(rest),
        relativePath,
        folder,
        sizeBytes,
        modifiedMs: stored.modifiedMs,
        width,
        height,
        format,
        errorMessage,
        modelTitle: runId === null ? null : (modelTitle.get(runId)?.title ?? null),
        predictions: runId === null ? [] : predictions.all(runId, imageId),
        annotations: annotations.all(imageId),
      };
    },
  };
}

/** [begin, end) in steps of 1000. */
function* chunks(from: number, to: number): Generator<[number, number]> {
  for (let begin = from; begin < to; begin += 1000) yield [begin, Math.min(begin + 1000, to)];
}
