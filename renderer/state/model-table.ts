/** @file Models and published weights as the rows of one table, in any order. */
import type { CatalogueEntry } from '#core/catalogue.ts';
import type { Model, ModelSpeed } from '#core/model.ts';

export interface ModelFigures {
  /** Of the model or of the entry of the catalogue; the same when one became the other. */
  id: string;
  title: string;
  /** On ImageNet-1k, shares in [0, 1]. */
  top1: number | null;
  top5: number | null;
  macCount: number | null;
  parameterCount: number | null;
  speed: ModelSpeed | null;
  installed: boolean;
  /** Nothing to measure in what cannot be used. */
  usable: boolean;
}

export const batchSizes = [1, 4, 8] as const;

type Value = string | number | null;

/** What each column is ordered by. */
const values = {
  title: (row) => row.title,
  top1: (row) => row.top1,
  top5: (row) => row.top5,
  macs: (row) => row.macCount,
  parameters: (row) => row.parameterCount,
  batch1: (row) => milliseconds(row.speed, 1),
  batch4: (row) => milliseconds(row.speed, 4),
  batch8: (row) => milliseconds(row.speed, 8),
  rate: (row) => row.speed?.imagesPerSecond ?? null,
} satisfies Record<string, (row: ModelFigures) => Value>;

export type FigureColumn = keyof typeof values;

export interface FigureOrder {
  column: FigureColumn;
  descending: boolean;
}

/** Columns in which more is better: their first order has the most at the top. */
const moreIsBetter: ReadonlySet<FigureColumn> = new Set(['top1', 'top5', 'rate']);

/** Median time of a batch of this size, milliseconds; null if it was not measured. */
export function milliseconds(speed: ModelSpeed | null, rows: number): number | null {
  return speed?.batches.find((batch) => batch.rows === rows)?.milliseconds ?? null;
}

/** Installed models first, then what could be got. */
export function figuresOf(models: readonly Model[], entries: readonly CatalogueEntry[]): ModelFigures[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const installed = models.map((model): ModelFigures => {
    const entry = byId.get(model.id);
    return {
      id: model.id,
      title: model.title,
      top1: entry?.top1 ?? imagenetMetric(model, 1),
      top5: entry?.top5 ?? imagenetMetric(model, 5),
      macCount: model.macCount ?? entry?.macCount ?? null,
      parameterCount: model.parameterCount ?? entry?.parameterCount ?? null,
      speed: model.speed ?? entry?.speed ?? null,
      installed: true,
      usable: model.problem === null,
    };
  });
  const own = new Set(models.map(({ id }) => id));
  const others = entries
    .filter(({ id }) => !own.has(id))
    .map((entry) => ({ ...entry, installed: false, usable: true }));
  return [...installed, ...others];
}

/** Accuracy on anything else than ImageNet-1k is no number to put beside the published ones. */
function imagenetMetric({ metrics }: Model, k: 1 | 5): number | null {
  const isTopK = new RegExp(`\\btop-?${k}\\b`, 'i');
  const metric = metrics.find(({ name, source }) => isTopK.test(name) && /imagenet/i.test(`${name} ${source}`));
  return metric?.value ?? null;
}

/** Rows without a value come last in either direction; equal ones keep their order. */
export function sortFigures(rows: readonly ModelFigures[], { column, descending }: FigureOrder): ModelFigures[] {
  const valueOf: (row: ModelFigures) => Value = values[column];
  return rows.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order = typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right);
    return descending ? -order : order;
  });
}

/** The order after a click on a column: the useful direction first, then the other one. */
export function nextOrder(order: FigureOrder | null, column: FigureColumn): FigureOrder {
  if (order?.column !== column) return { column, descending: moreIsBetter.has(column) };
  return { column, descending: !order.descending };
}

/** Every word of what was typed stands somewhere in the title or the id. */
export function matches({ title, id }: { title: string; id: string }, typed: string): boolean {
  const haystack = `${title} ${id}`.toLocaleLowerCase();
  return typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
