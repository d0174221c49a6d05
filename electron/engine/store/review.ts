/** @file Deciding, undoing and redoing, one step at a time: about pictures and about categories. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecisionResult, ReviewAction, StepKind } from '#contract/calls.ts';
import type { CategoryPatch } from '#core/category.ts';
import type { ReviewState } from '#core/image.ts';
import type { ConflictRule } from '#core/label-import.ts';
import { AppError } from '#core/errors.ts';
import { categoriesTable, type CategoryRow } from './categories.ts';
import { categorySteps, type RowChanges } from './category-steps.ts';
import type { Database } from './database.ts';
import { datasetsTable } from './datasets.ts';
import { decisionsTable, type Decision } from './decisions.ts';
import { nameOf, stepPieces } from './step-pieces.ts';
import type { Step, StepDetail } from './unfinished-steps.ts';

/** What labels from elsewhere say, pictures that they decide alike together; no picture twice. */
export interface ImportedLabels {
  groups: {
    /** Names, in the order of the file; none only with 'unsure' or 'skipped'. */
    categories: readonly string[];
    /** As the file says; null: found out from the predictions. */
    review: ReviewState | null;
    imageIds: Int32Array;
  }[];
}

/** From so many pictures on, the order they are written in counts. */
const sortedFrom = 1000;
/** Pictures looked at before others have their turn. */
const picturesPerTurn = 1000;

const noChanges = (): RowChanges => ({ before: [], after: [] });
const nothing = (kind: StepKind | null, category: string | null = null): DecisionResult => ({
  kind,
  changed: 0,
  imageIds: [],
  category,
});

/**
 * Each piece is one transaction that also says how far the step is. So after a crash in the middle the rest follows
 * when the library is opened again; steps asked for meanwhile wait, and one undo takes back all of it.
 */
export function openReview(db: Database) {
  const decisions = decisionsTable(db);
  const categories = categoriesTable(db);
  const datasets = datasetsTable(db);
  const steps = categorySteps(db);
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  const pieces = stepPieces(db, decisions, () => closed);

  /** What a crash, a full disk or a closed library cut off. */
  async function finish(): Promise<void> {
    const step = pieces.unfinished();
    if (!step) return;
    const { categoryId, datasetId, kind } = step;
    const category = categoryId === null ? null : categories.get(datasetId, categoryId).name;
    await pieces.writeRest(step, nothing(kind, category));
  }

  /** One step after the other, in the order they were asked for. */
  function queue<Value>(work: () => Value | Promise<Value>): Promise<Value> {
    const answer = turn.then(async () => {
      if (closed) throw new AppError('aborted', 'The library is closed');
      await finish();
      return await work();
    });
    turn = answer.catch(() => {});
    return answer;
  }

  /** The category of an action, made if there is none yet of that name; null for actions without one. */
  function choose(changes: RowChanges, datasetId: number, action: ReviewAction): CategoryRow | null {
    let category: CategoryRow;
    if ('name' in action) category = steps.named(changes, datasetId, action.name);
    else if ('categoryId' in action) category = steps.shown(datasetId, action.categoryId);
    else return null;
    steps.useAsLabel(changes, category);
    return category;
  }

  /** Nothing else is decided meanwhile, so what is found here holds until the step is written. */
  async function allAre(datasetId: number, imageIds: Int32Array, categoryId: number | undefined): Promise<boolean> {
    if (categoryId === undefined) return false;
    for (let from = 0; from < imageIds.length; from += picturesPerTurn) {
      if (!decisions.allAre(datasetId, imageIds.subarray(from, from + picturesPerTurn), categoryId)) return false;
      await nextTurn();
    }
    return true;
  }

  async function detailOf(datasetId: number, imageIds: Int32Array, action: ReviewAction): Promise<StepDetail> {
    const { multiLabel } = datasets.way(datasetId);
    switch (action.kind) {
      case 'toggle':
      case 'toggle-name': {
        if (!multiLabel) return { multiLabel };
        const named = action.kind === 'toggle-name' ? categories.find(datasetId, action.name) : undefined;
        const categoryId = action.kind === 'toggle' ? action.categoryId : named?.id;
        const category = categoryId === undefined ? undefined : categories.get(datasetId, categoryId);
        return { multiLabel, on: !(await allAre(datasetId, imageIds, category?.id)) };
      }
      case 'move':
        return { multiLabel, fromIds: [steps.shown(datasetId, action.categoryId).id] };
      case 'flag':
        return { on: action.on };
      case 'note':
        return { note: action.note };
      default:
        return { multiLabel };
    }
  }

  function newStep(datasetId: number, kind: StepKind, detail: StepDetail, imageIds: Int32Array): Step {
    return { datasetId, direction: 'decide', sequence: null, kind, categoryId: null, detail, imageIds, position: 0 };
  }

  async function decide(datasetId: number, imageIds: Int32Array, action: ReviewAction): Promise<DecisionResult> {
    const { kind } = action;
    const result = nothing(kind);
    // In the order of the table: any other would fetch and write each row from another place of the file.
    const isLong = imageIds.length > sortedFrom;
    const detail = await detailOf(datasetId, imageIds, action);
    const step = newStep(datasetId, kind, detail, isLong ? imageIds.toSorted() : imageIds);
    const begin = db.transaction(() => {
      const changes = noChanges();
      const category = choose(changes, datasetId, action);
      step.categoryId = category?.id ?? null;
      result.category = category?.name ?? null;
      if (changes.after.length > 0) step.sequence = decisions.begin(datasetId, kind, result.category, changes);
      return pieces.firstPiece(step, result.category);
    });
    await pieces.write(step, result, begin, isLong ? nameOf(imageIds) : undefined);
    return result;
  }

  async function applyRules(datasetId: number, unsure: Int32Array, skipped: Int32Array): Promise<DecisionResult> {
    const imageIds = new Int32Array(unsure.length + skipped.length);
    imageIds.set(unsure.toSorted());
    imageIds.set(skipped.toSorted(), unsure.length);
    const step = newStep(datasetId, 'rules', { unsure: unsure.length }, imageIds);
    const result = nothing('rules');
    await pieces.write(
      step,
      result,
      db.transaction(() => pieces.firstPiece(step, null)),
    );
    return result;
  }

  async function importLabels(datasetId: number, labels: ImportedLabels, conflicts: ConflictRule) {
    const { multiLabel } = datasets.way(datasetId);
    const imageIds = Int32Array.from(labels.groups.flatMap(({ imageIds }) => [...imageIds]));
    const step = newStep(datasetId, 'import', { multiLabel, conflicts, groups: [] }, imageIds);
    const begin = db.transaction(() => {
      const changes = noChanges();
      const ids = new Map<string, number>();
      const idOf = (name: string) => {
        const known = ids.get(name);
        if (known !== undefined) return known;
        const category = steps.named(changes, datasetId, name);
        steps.useAsLabel(changes, category);
        ids.set(name, category.id);
        return category.id;
      };
      let end = 0;
      step.detail.groups = labels.groups.map(({ categories: names, review, imageIds: { length } }) => {
        end += length;
        return { end, categoryIds: [...new Set(names.map(idOf))], review };
      });
      if (changes.after.length > 0) step.sequence = decisions.begin(datasetId, 'import', null, changes);
      return pieces.firstPiece(step, null);
    });
    const result = nothing('import');
    if (imageIds.length > 0) await pieces.write(step, result, begin);
    return result;
  }

  /** A step about categories alone. */
  const changeCategories = db.transaction(
    (datasetId: number, kind: StepKind, work: (changes: RowChanges) => CategoryRow) => {
      const changes = noChanges();
      const category = work(changes);
      if (changes.after.length > 0) decisions.begin(datasetId, kind, category.name, changes);
      return category;
    },
  );

  async function merge(datasetId: number, fromIds: readonly number[], intoId: number): Promise<DecisionResult> {
    const kind = 'category-merged';
    const begin = db.transaction(() => {
      const changes = noChanges();
      const into = steps.merge(changes, datasetId, fromIds, intoId);
      const step = newStep(datasetId, kind, mergeOf(changes.after), new Int32Array());
      step.categoryId = into.id;
      step.position = -1;
      if (changes.after.length > 0) {
        step.sequence = decisions.begin(datasetId, kind, into.name, changes);
        pieces.announce(step);
      }
      return { step, into };
    });
    const { step, into } = begin();
    const result = nothing(kind, into.name);
    if (step.sequence !== null) await pieces.writeRest(step, result);
    return result;
  }

  async function restore(datasetId: number, direction: 'undo' | 'redo'): Promise<DecisionResult> {
    const decision = direction === 'undo' ? decisions.newestDone(datasetId) : decisions.oldestUndone(datasetId);
    if (!decision) return nothing(null);
    const { sequence, kind, category } = decision;
    const result = nothing(kind, category);
    const step: Step = { ...newStep(datasetId, kind, {}, new Int32Array()), direction, sequence };
    if (kind === 'category-merged') {
      db.transaction(() => {
        prepareMerge(step, decision);
        steps.apply(direction, decisions.patches(decision, direction));
        pieces.announce(step);
      })();
      await pieces.writeRest(step, result);
      return result;
    }
    const begin = db.transaction(() => {
      steps.apply(direction, decisions.patches(decision, direction));
      return pieces.firstPiece(step, category);
    });
    await pieces.write(step, result, begin);
    return result;
  }

  function prepareMerge(step: Step, decision: Decision): void {
    const after = decisions.patches(decision, 'redo');
    step.detail = mergeOf(after);
    step.categoryId = after.find(({ mergedInto }) => mergedInto != null)!.mergedInto!;
    step.position = -1;
  }

  // What is left of the last time. Should it fail, the next step tries again and tells why.
  queue(() => {}).catch(() => {});

  return {
    /** One step of undo for all of `imageIds`; pictures the action does not apply to or change are left alone. */
    decide: (datasetId: number, imageIds: Int32Array | readonly number[], action: ReviewAction) =>
      queue(() => decide(datasetId, Int32Array.from(imageIds), action)),
    /** One step: the first become unsure, the others are skipped; those reviewed meanwhile are left alone. */
    applyRules: (datasetId: number, unsure: Int32Array, skipped: Int32Array) =>
      queue(() => applyRules(datasetId, unsure, skipped)),
    /** One step for all of them. Categories of new names are made in it. */
    importLabels: (datasetId: number, labels: ImportedLabels, conflicts: ConflictRule) =>
      queue(() => importLabels(datasetId, labels, conflicts)),
    undo: (datasetId: number) => queue(() => restore(datasetId, 'undo')),
    redo: (datasetId: number) => queue(() => restore(datasetId, 'redo')),
    canUndo: (datasetId: number) => decisions.newestDone(datasetId) !== undefined,
    canRedo: (datasetId: number) => decisions.oldestUndone(datasetId) !== undefined,

    /** @throws {AppError} 'input.invalid' when there is one of that name, 'not-found' for the parent */
    createCategory: (datasetId: number, name: string, parentId: number | null) =>
      queue(
        () =>
          changeCategories(datasetId, 'category-made', (changes) => steps.create(changes, datasetId, name, parentId))
            .id,
      ),
    /** @throws {AppError} 'input.invalid' for a name that another has or a circle of parents, 'not-found' */
    changeCategory: (datasetId: number, categoryId: number, patch: CategoryPatch) =>
      queue(() => {
        const work = (changes: RowChanges) => steps.change(changes, datasetId, categoryId, patch);
        return nothing('category-changed', changeCategories(datasetId, 'category-changed', work).name);
      }),
    /** Pictures of `fromIds` are of `intoId` from now on. @throws {AppError} 'not-found' */
    mergeCategories: (datasetId: number, fromIds: readonly number[], intoId: number) =>
      queue(() => merge(datasetId, fromIds, intoId)),

    /** Resolves when no step is half written, for whoever needs all or nothing of each. */
    settled: () => queue(() => {}),

    [Symbol.dispose]() {
      closed = true;
    },
  };
}

/** The categories that a merge makes go, from its changes; those merged before name no pictures any more. */
function mergeOf(after: readonly { id: number; mergedInto?: number | null }[]): StepDetail {
  return { fromIds: after.filter(({ mergedInto }) => mergedInto != null).map(({ id }) => id) };
}
