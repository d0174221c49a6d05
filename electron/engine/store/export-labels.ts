/** @file What categories are called in an export: as they are, or by what is above them in the tree. */
import type { CategoryLevel } from '#core/category.ts';
import type { ExportCategory } from '../export/exporter.ts';
import type { Database } from './database.ts';

export type StoredDecision = [imageId: number, categoryId: number];
export type StoredPrediction = [imageId: number, rank: number, categoryId: number, score: number];

interface Row extends ExportCategory {
  parentId: number | null;
  grouping: 0 | 1;
  mergedInto: number | null;
  /** Nobody sees it: making it was undone. */
  hidden: 0 | 1;
}

export interface ExportLabels {
  /** Every category is its own label: rows can leave as they are stored. */
  isPlain: boolean;
  /** Those a row may have, by id. */
  categories: ExportCategory[];
  /** @param decided  in the order of the pictures; categories that become one label stay once */
  decisions(decided: readonly StoredDecision[]): StoredDecision[];
  /**
   * @param predicted  all of each picture, in the order of the pictures, best first
   * @returns          of each picture at most `topK` with `minScore` or more, ranked anew; scores stay in [0, 1]
   */
  predictions(predicted: readonly StoredPrediction[], limits: { topK: number; minScore: number }): StoredPrediction[];
}

export function exportLabels(db: Database, datasetId: number, level: CategoryLevel): ExportLabels {
  const rows = new Map(
    db
      .prepare<[number], Row>(
        /* sql */ `
        SELECT id, name, supercategory, parent_id AS parentId, grouping, merged_into AS mergedInto,
          removed AND label IS NULL AS hidden
        FROM categories WHERE dataset_id = ? ORDER BY id
      `,
      )
      .all(datasetId)
      .map((row) => [row.id, row]),
  );

  function shown(categoryId: number | null): Row | undefined {
    const row = categoryId === null ? undefined : rows.get(categoryId);
    const kept = row?.mergedInto == null ? row : rows.get(row.mergedInto);
    return kept?.hidden ? undefined : kept;
  }

  function labelOf(category: Row): Row | undefined {
    let label = shown(category.id);
    const seen = new Set(label && [label.id]);
    // A circle would end where it began.
    for (let above = shown(label?.parentId ?? null); above && !seen.has(above.id); above = shown(above.parentId)) {
      if (level === 'own') break;
      label = above;
      seen.add(above.id);
      if (level === 'parent') break;
    }
    return label;
  }

  const labels = new Map([...rows.values()].map((row) => [row.id, labelOf(row)?.id]));
  const used = new Set([...rows.values()].filter(({ grouping }) => !grouping).map(({ id }) => labels.get(id)));

  return {
    isPlain: [...labels].every(([id, label]) => id === label),
    categories: [...rows.values()]
      .filter(({ id }) => used.has(id))
      .map(({ id, name, supercategory, grouping, parentId }) => ({
        id,
        name,
        supercategory: supercategory || (grouping ? (shown(parentId)?.name ?? '') : ''),
      })),

    decisions(decided) {
      const kept: StoredDecision[] = [];
      for (const ofPicture of byPicture(decided)) {
        const ids = new Set(ofPicture.map(([, categoryId]) => labels.get(categoryId)));
        for (const id of ids) if (id !== undefined) kept.push([ofPicture[0]![0], id]);
      }
      return kept;
    },

    predictions(predicted, { topK, minScore }) {
      const ranked: StoredPrediction[] = [];
      for (const ofPicture of byPicture(predicted)) {
        const scores = new Map<number, number>();
        for (const [, , categoryId, score] of ofPicture) {
          const id = labels.get(categoryId);
          if (id === undefined) continue;
          const before = scores.get(id);
          // What a person merged keeps the score of the best, as everywhere in the app.
          if (before === undefined) scores.set(id, score);
          else if (level !== 'own') scores.set(id, Math.min(1, before + score));
        }
        // Equal scores stay in the order of the model.
        const best = [...scores].filter(([, score]) => score >= minScore).sort((a, b) => b[1] - a[1]);
        for (const [place, [id, score]] of best.slice(0, topK).entries()) {
          ranked.push([ofPicture[0]![0], place + 1, id, score]);
        }
      }
      return ranked;
    },
  };
}

function* byPicture<Stored extends StoredDecision | StoredPrediction>(stored: readonly Stored[]): Generator<Stored[]> {
  for (let start = 0, end = 0; start < stored.length; start = end) {
    while (end < stored.length && stored[end]![0] === stored[start]![0]) end++;
    yield stored.slice(start, end);
  }
}
