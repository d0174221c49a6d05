/** @file Lists of pictures for a filter and an order, fixed when opened, and the rows of them. */
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';
import type { ImageDetail, ImageRow } from '#core/image.ts';
import { AppError } from '#core/errors.ts';
import { openReader, type Database } from './database.ts';
import { readIds, type IdList } from './id-list.ts';
import type { Tokens } from './tokens.ts';
import { openTurns } from './turns.ts';
import { viewIds } from './view-ids.ts';
import { planView, readFacts } from './view-plan.ts';

/** Views are small (4 bytes a picture), but a renderer that forgets them must not fill memory. */
const viewLimit = 16;
/** So few unreviewed pictures are fetched at once instead of looked for in the list. */
const fewUnreviewed = 20_000;
/** How long looking for a picture may keep other calls from their turn, milliseconds. */
const turnMs = 6;

const rowColumns = /* sql */ `
  images.id, images.name, images.status, images.error_code AS errorCode, images.review,
  COALESCE((SELECT name FROM categories AS kept WHERE kept.id = categories.merged_into), categories.name) AS label,
  images.top_score AS score, images.margin, images.content_hash AS contentHash,
  images.modified_ms AS modifiedMs, images.parent_score AS parentScore,
  -- Parents are the model's; they say nothing about what a head predicts.
  CASE WHEN images.head_run_id IS NULL THEN images.parent_name END AS parentName,
  (SELECT COUNT(*) FROM annotations WHERE image_id = images.id) AS decidedCount,
  COALESCE(image_marks.flagged, 0) AS flagged, COALESCE(image_marks.note, '') AS note
`;

interface StoredRow extends Omit<
  ImageRow,
  'token' | 'version' | 'parent' | 'decided' | 'moreLabels' | 'flagged' | 'hasNote'
> {
  contentHash: string | null;
  modifiedMs: number;
  parentName: string | null;
  parentScore: number | null;
  decidedCount: number;
  flagged: 0 | 1;
  note: string;
}

export function openViews(db: Database, tokens: Tokens) {
  const views = new Map<number, IdList>();
  const nextTurn = openTurns();
  // Not from 1: after a restart a number of the engine before this one must not name another view.
  let nextId = Date.now();
  const rows = db.prepare<[string], StoredRow>(/* sql */ `
    SELECT ${rowColumns} FROM json_each(?) AS wanted
    JOIN images ON images.id = wanted.value
    LEFT JOIN categories ON categories.id = images.category_id
    LEFT JOIN image_marks ON image_marks.image_id = images.id
    ORDER BY wanted.key
  `);
  const unreviewed = db.prepare<[string], { id: number }>(/* sql */ `
    SELECT images.id FROM json_each(?) AS wanted JOIN images ON images.id = wanted.value
    WHERE images.review = 'unreviewed' AND images.status <> 'missing' ORDER BY wanted.key LIMIT 1
  `);
  const unreviewedCount = db
    .prepare<[], number>(
      `SELECT COALESCE(SUM(n), 0) FROM image_counts WHERE review = 'unreviewed' AND status <> 'missing'`,
    )
    .pluck();
  const allUnreviewed = db
    .prepare<[], number>(
      /* sql */ `
      SELECT images.id FROM datasets JOIN images INDEXED BY images_by_review ON dataset_id = datasets.id
      WHERE review = 'unreviewed' AND status <> 'missing'
    `,
    )
    .pluck();
  type StoredDetail = StoredRow &
    Omit<ImageDetail, keyof ImageRow | 'predictions' | 'annotations' | 'modelTitle' | 'predictedBy' | 'note'> & {
      runId: number | null;
      byHead: 0 | 1;
    };
  const detail = db.prepare<[number], StoredDetail>(/* sql */ `
    SELECT ${rowColumns}, images.path AS relativePath, sources.folder, images.size_bytes AS sizeBytes,
           images.width, images.height, images.format, images.error_message AS errorMessage,
           COALESCE(images.head_run_id, images.run_id) AS runId, images.head_run_id IS NOT NULL AS byHead
    FROM images JOIN sources ON sources.id = images.source_id
    LEFT JOIN categories ON categories.id = images.category_id
    LEFT JOIN image_marks ON image_marks.image_id = images.id
    WHERE images.id = ?
  `);
  const predictions = db.prepare<[number, number], ImageDetail['predictions'][number]>(/* sql */ `
    SELECT rank, kept.id AS categoryId, kept.name AS category, score
    FROM predictions JOIN categories AS said ON said.id = category_id
    JOIN categories AS kept ON kept.id = COALESCE(said.merged_into, said.id)
    WHERE run_id = ? AND image_id = ? ORDER BY rank
  `);
  const annotations = db.prepare<[number], ImageDetail['annotations'][number]>(/* sql */ `
    SELECT category_id AS categoryId, name AS category, source
    FROM annotations JOIN categories ON categories.id = category_id WHERE image_id = ? ORDER BY sequence
  `);
  const modelTitle = db.prepare<[number], { title: string }>(
    /* sql */ `SELECT title FROM runs JOIN models ON models.id = model_id WHERE runs.id = ?`,
  );

  function row(
    { contentHash, modifiedMs, parentName, parentScore, decidedCount, flagged, note, ...rest }: StoredRow,
    token: string,
  ): ImageRow {
    return {
      ...rest,
      token,
      version: contentHash?.slice(0, 8) ?? modifiedMs.toString(36),
      decided: decidedCount > 0,
      moreLabels: Math.max(0, decidedCount - 1),
      flagged: Boolean(flagged),
      hasNote: note !== '',
      parent: parentName === null ? null : { name: parentName, score: parentScore! },
    };
  }

  function rowsOf(imageIds: Iterable<number>): ImageRow[] {
    const stored = rows.all(JSON.stringify([...imageIds]));
    const sealed = tokens.sealAll(stored.map(({ id }) => id));
    return stored.map((image, place) => row(image, sealed[place]!));
  }

  function list(viewId: number): IdList {
    const view = views.get(viewId);
    if (!view) throw new AppError('not-found', `View ${viewId} is closed`);
    return view;
  }

  /** One snapshot from the first id to the last, whatever is written meanwhile. */
  function read(datasetId: number, filter: ImageFilter, sort: ImageSort): IdList {
    // A library in memory has no second connection: it is read at once, which no writing can come between.
    const reader = db.memory ? db : openReader(db.name);
    const ended = () => {
      if (reader !== db) reader.close();
    };
    try {
      if (reader !== db) reader.exec('BEGIN');
      const plan = planView(datasetId, filter, sort, readFacts(reader, datasetId, filter));
      const total = Promise.withResolvers<number>();
      if (plan.total !== null) total.resolve(plan.total);
      const pieces = viewIds(reader, plan, total.resolve);
      return readIds({ pieces: reader === db ? atOnce(pieces) : pieces, total: total.promise, ended }, nextTurn);
    } catch (thrown) {
      ended();
      throw thrown;
    }
  }

  /** @returns the number it is known by */
  function keep(ids: IdList): number {
    const viewId = nextId++;
    views.set(viewId, ids);
    if (views.size > viewLimit) {
      const [oldest, forgotten] = views.entries().next().value!;
      views.delete(oldest);
      forgotten.close();
    }
    return viewId;
  }

  return {
    /** All ids of a view, in its order. */
    ids: async (viewId: number): Promise<Int32Array> => list(viewId).upTo(Infinity),

    /** Resolves when the first rows are there and it is known how many there are. */
    async open(datasetId: number, filter: ImageFilter, sort: ImageSort): Promise<{ viewId: number; total: number }> {
      const ids = read(datasetId, filter, sort);
      const viewId = keep(ids);
      return { viewId, total: await ids.total() };
    },

    /** All ids of a filter, without keeping them as a view. */
    find: (datasetId: number, filter: ImageFilter): Promise<Int32Array> =>
      read(datasetId, filter, { key: 'name', descending: false }).upTo(Infinity),

    /** A view of these pictures in this order. */
    openFixed(imageIds: Int32Array): { viewId: number; total: number } {
      const pieces = atOnce([[...imageIds]]);
      const ids = readIds({ pieces, total: Promise.resolve(imageIds.length), ended: () => {} }, nextTurn);
      return { viewId: keep(ids), total: imageIds.length };
    },

    rows: async (viewId: number, from: number, count: number): Promise<ImageRow[]> =>
      rowsOf((await list(viewId).upTo(from + count)).subarray(from, from + count)),

    /** Of pictures that no view holds, in this order. */
    rowsOf,

    locate: async (viewId: number, imageId: number): Promise<number> =>
      (await list(viewId).upTo(Infinity)).indexOf(imageId),

    /** From `from` on, then from the start; index -1 when there is none. */
    async nextUnreviewed(viewId: number, from: number): Promise<{ index: number; imageId: number }> {
      const ids = await list(viewId).upTo(Infinity);
      const start = Math.min(from, ids.length);
      const left = unreviewedCount.get()!;
      const few = left <= fewUnreviewed ? new Set(allUnreviewed.all()) : undefined;
      let turnStart = performance.now();
      for (const [begin, end] of [...chunks(start, ids.length), ...chunks(0, start)]) {
        if (few) {
          for (let index = begin; index < end; index++) {
            if (few.has(ids[index]!)) return { index, imageId: ids[index]! };
          }
          continue;
        }
        const found = unreviewed.get(JSON.stringify([...ids.subarray(begin, end)]));
        if (found) return { index: ids.indexOf(found.id, begin), imageId: found.id };
        if (performance.now() - turnStart > turnMs) {
          await nextTurn();
          turnStart = performance.now();
        }
      }
      return { index: -1, imageId: 0 };
    },

    /** @throws {AppError} 'not-found' */
    detail(imageId: number): ImageDetail {
      const stored = detail.get(imageId);
      if (!stored) throw new AppError('not-found', `There is no picture ${imageId}`);
      const { relativePath, folder, sizeBytes, width, height, format, errorMessage, runId, byHead, ...rest } = stored;
      return {
        ...row(rest, tokens.seal(imageId)),
        relativePath,
        folder,
        sizeBytes,
        modifiedMs: stored.modifiedMs,
        width,
        height,
        format,
        errorMessage,
        note: stored.note,
        predictedBy: byHead ? 'head' : 'model',
        modelTitle: runId === null ? null : (modelTitle.get(runId)?.title ?? null),
        predictions: runId === null ? [] : firstOfEach(predictions.all(runId, imageId)),
        annotations: annotations.all(imageId),
      };
    },

    /** Ends what is still being read. */
    [Symbol.dispose]() {
      for (const ids of views.values()) ids.close();
      views.clear();
    },
  };
}

/** Of categories that were merged the best prediction remains. */
function firstOfEach(predictions: ImageDetail['predictions']): ImageDetail['predictions'] {
  const isFirst = ({ categoryId }: { categoryId: number }, place: number) =>
    predictions.findIndex((other) => other.categoryId === categoryId) === place;
  return predictions.filter(isFirst).map((prediction, place) => ({ ...prediction, rank: place + 1 }));
}

function* atOnce(pieces: Iterable<number[]>): Generator<number[]> {
  yield [...pieces].flat();
}

/** [begin, end) in steps: a short one first, as the next picture is mostly near. */
function* chunks(from: number, to: number): Generator<[number, number]> {
  for (let begin = from, size = 100; begin < to; begin += size, size = 1000) yield [begin, Math.min(begin + size, to)];
}
