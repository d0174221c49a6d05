/** @file The ids of a view, found piece by piece as its plan says. */
import type { Database } from './database.ts';
import { idSet, type IdSet } from './id-set.ts';
import type { ViewPlan } from './view-plan.ts';
import type { Query } from './view-queries.ts';

/** Ids in one piece. */
const pieceSize = 1024;
/** So few are fetched and sorted at once; for more, walking everything in order is faster. */
const fewPictures = 1000;

/**
 * @param tellTotal  called once, before the first ids, when the plan left it open
 * @returns          pieces of ids in the order of the view; an empty piece is time to let others have a turn
 */
export function* viewIds(db: Database, plan: ViewPlan, tellTotal: (total: number) => void): Generator<number[]> {
  const { within, without, walks, orderBy } = plan;
  const lastId = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck().get() ?? 0;
  let all: IdSet | undefined;
  for (const queries of within) {
    const one = idSet(lastId);
    for (const query of queries) {
      for (const ids of pieces(db, query)) {
        one.add(ids);
        yield [];
      }
    }
    if (all) all.intersect(one);
    else all = one;
  }
  const others = without.length > 0 ? idSet(lastId) : undefined;
  for (const query of without) {
    for (const ids of pieces(db, query)) {
      others!.add(ids);
      yield [];
    }
  }
  if (all && others) all.subtract(others);
  const count = all?.count() ?? null;
  if (plan.total === null) tellTotal(count ?? 0);
  if (all && count! <= fewPictures) {
    const sorted = db.prepare<[string], number>(/* sql */ `
      SELECT id FROM images WHERE id IN (SELECT value FROM json_each(?)) ORDER BY ${orderBy}
    `);
    yield sorted.pluck().all(JSON.stringify([...all]));
    return;
  }
  let missing = count ?? plan.total ?? Infinity;
  for (const walk of walks) {
    for (const ids of pieces(db, walk)) {
      const found = all ? ids.filter((id) => all.has(id)) : others ? ids.filter((id) => !others.has(id)) : ids;
      yield found;
      missing -= found.length;
      if (missing <= 0) return;
    }
  }
}

function* pieces(db: Database, { sql, values }: Query): Generator<number[]> {
  const rows = db.prepare<unknown[], number | null>(sql).pluck();
  let piece: number[] = [];
  let seen = 0;
  for (const id of rows.iterate(...values)) {
    if (id !== null) piece.push(id);
    if (++seen % pieceSize > 0) continue;
    yield piece;
    piece = [];
  }
  yield piece;
}
