/** @file What a person does to categories: made, changed, nested, merged; each with what it takes to undo it. */
import type { CategoryPatch } from '#core/category.ts';
import { AppError } from '#core/errors.ts';
import { categoriesTable, type CategoryRow } from './categories.ts';
import type { Database } from './database.ts';

/** The columns of one category that a step changes. */
export type RowPatch = Partial<Omit<CategoryRow, 'id'>> & { id: number };

/** In the order they were made. */
export interface RowChanges {
  before: RowPatch[];
  after: RowPatch[];
}

type Column = keyof Omit<CategoryRow, 'id'>;

const columnNames: Record<Column, string> = {
  name: 'name',
  label: 'label',
  parentId: 'parent_id',
  colour: 'colour',
  hotkey: 'hotkey',
  threshold: 'threshold',
  grouping: 'grouping',
  mergedInto: 'merged_into',
  removed: 'removed',
};

/** A name no person types, for a category that nobody sees. */
const hiddenName = ({ id, name }: { id: number; name: string }) => `${name.split('\u001f')[0]}\u001f${id}`;

export function categorySteps(db: Database) {
  const categories = categoriesTable(db);
  const datasetOf = db.prepare<[number], number>(/* sql */ `SELECT dataset_id FROM categories WHERE id = ?`).pluck();
  const update = Object.fromEntries(
    Object.entries(columnNames).map(([column, name]) => [
      column,
      db.prepare<[unknown, number]>(/* sql */ `UPDATE categories SET ${name} = ? WHERE id = ?`),
    ]),
  ) as Record<Column, ReturnType<typeof db.prepare<[unknown, number]>>>;

  function write({ id, ...values }: RowPatch): void {
    for (const column of Object.keys(values) as Column[]) update[column].run(values[column], id);
  }

  /** Changes a row and takes note of both states. */
  function change(changes: RowChanges, row: CategoryRow, values: Omit<RowPatch, 'id'>): void {
    const columns = (Object.keys(values) as Column[]).filter((column) => values[column] !== row[column]);
    if (columns.length === 0) return;
    const pick = (from: Omit<RowPatch, 'id'>) => Object.fromEntries(columns.map((column) => [column, from[column]]));
    const after = { id: row.id, ...pick(values) };
    write(after);
    changes.before.push({ id: row.id, ...pick(row) });
    changes.after.push(after);
  }

  /** One that has the name but was merged gives it up; a label of that name still counts as what it was merged into. */
  function freeName(changes: RowChanges, datasetId: number, name: string, forId: number): void {
    const holder = categories.find(datasetId, name);
    if (!holder || holder.id === forId) return;
    if (holder.mergedInto === null && !holder.removed) {
      throw new AppError('input.invalid', `There is another category named ${name}`, { details: { name } });
    }
    change(changes, holder, { name: hiddenName(holder), label: holder.label ?? holder.name });
  }

  function make(changes: RowChanges, datasetId: number, name: string, parentId: number | null): CategoryRow {
    const id = categories.insertRemoved(datasetId, hiddenName({ id: Date.now(), name }));
    write({ id, name: hiddenName({ id, name }) });
    freeName(changes, datasetId, name, id);
    change(changes, categories.row(datasetId, id)!, { name, removed: 0, parentId });
    return categories.row(datasetId, id)!;
  }

  /** @throws {AppError} 'not-found' when it is none that a person sees */
  function shown(datasetId: number, categoryId: number): CategoryRow {
    const row = categories.get(datasetId, categoryId);
    if (row.removed) throw new AppError('not-found', `There is no category ${categoryId} in dataset ${datasetId}`);
    return row;
  }

  /** It and all it is a kind of, itself first. */
  function lineage(rows: ReadonlyMap<number, CategoryRow>, categoryId: number): number[] {
    const line: number[] = [];
    for (let id: number | null = categoryId; id !== null && !line.includes(id); id = rows.get(id)?.parentId ?? null) {
      line.push(id);
    }
    return line;
  }

  const rowsById = (datasetId: number) => new Map(categories.rows(datasetId).map((row) => [row.id, row]));

  return {
    shown,

    /** What a decision labels with, made if there is none yet; from then on it does more than hold others together. */
    named(changes: RowChanges, datasetId: number, name: string): CategoryRow {
      const existing = categories.find(datasetId, name);
      if (!existing || existing.removed) return make(changes, datasetId, name, null);
      return categories.get(datasetId, existing.id);
    },
    useAsLabel: (changes: RowChanges, row: CategoryRow): void => change(changes, row, { grouping: 0 }),

    /** @throws {AppError} 'input.invalid' when there is one of that name */
    create(changes: RowChanges, datasetId: number, name: string, parentId: number | null): CategoryRow {
      return make(changes, datasetId, name, parentId === null ? null : shown(datasetId, parentId).id);
    },

    /** @throws {AppError} 'input.invalid' for a name that another has, and for a circle of parents */
    change(changes: RowChanges, datasetId: number, categoryId: number, patch: CategoryPatch): CategoryRow {
      const row = shown(datasetId, categoryId);
      const values: Omit<RowPatch, 'id'> = {};
      if (patch.name !== undefined && patch.name !== row.name) {
        freeName(changes, datasetId, patch.name, row.id);
        values.name = patch.name;
      }
      if (patch.parentId !== undefined) {
        const parentId = patch.parentId === null ? null : shown(datasetId, patch.parentId).id;
        if (parentId !== null && lineage(rowsById(datasetId), parentId).includes(row.id)) {
          throw new AppError('input.invalid', `${row.name} cannot be a kind of itself`, {
            details: { categoryId: row.id, parentId },
          });
        }
        values.parentId = parentId;
      }
      if (patch.colour !== undefined) values.colour = patch.colour;
      if (patch.threshold !== undefined) values.threshold = patch.threshold;
      if (patch.hotkey !== undefined) {
        values.hotkey = patch.hotkey;
        const isTaken = (other: CategoryRow) =>
          other.hotkey === patch.hotkey && other.id !== row.id && other.mergedInto === null && !other.removed;
        if (patch.hotkey !== null) {
          for (const other of categories.rows(datasetId).filter(isTaken)) change(changes, other, { hotkey: null });
        }
      }
      change(changes, row, values);
      return { ...row, ...values };
    },

    /** What was merged into one of them before follows; what is below them comes below the one that stays. */
    merge(changes: RowChanges, datasetId: number, fromIds: readonly number[], intoId: number): CategoryRow {
      const into = shown(datasetId, intoId);
      const from = new Set(fromIds.map((id) => shown(datasetId, id).id));
      from.delete(into.id);
      const rows = rowsById(datasetId);
      // One below those that go comes up to where the highest of them was, or it would be a kind of itself.
      const highest = lineage(rows, into.id).findLast((id) => from.has(id));
      if (highest !== undefined) change(changes, into, { parentId: rows.get(highest)!.parentId });
      for (const row of rows.values()) {
        if (from.has(row.id)) change(changes, row, { mergedInto: into.id, parentId: null });
        else if (row.id === into.id) continue;
        else if (row.mergedInto !== null && from.has(row.mergedInto)) change(changes, row, { mergedInto: into.id });
        else if (row.parentId !== null && from.has(row.parentId)) change(changes, row, { parentId: into.id });
      }
      return into;
    },

    /** Back to the states before a step, the last change first, or again to those after it. */
    apply(direction: 'undo' | 'redo', patches: readonly RowPatch[]): void {
      for (const patch of direction === 'undo' ? patches.toReversed() : patches) {
        const datasetId = datasetOf.get(patch.id)!;
        let name = patch.name;
        // A run may have brought a label of that name since.
        for (let n = 2; name !== undefined && (categories.find(datasetId, name)?.id ?? patch.id) !== patch.id; n++) {
          name = `${patch.name} ${n}`;
        }
        write(name === undefined ? patch : { ...patch, name });
      }
    },
  };
}
