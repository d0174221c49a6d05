/** @file Deciding, undoing and redoing, one step at a time; a step about very many pictures in pieces. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecisionResult, ReviewAction } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import type { Database } from './database.ts';
import { decisionsTable } from './decisions.ts';
import { unfinishedStepsTable, type Step } from './unfinished-steps.ts';

/** How many of the changed pictures an answer names. */
const namedImages = 50;
/** How long one piece may keep the engine from everything else, milliseconds. */
const pieceMs = 25;
/** Pictures between two looks at the clock. */
const picturesPerLook = 50;

/** From so many pictures on, the order they are written in counts. */
const sortedFrom = 1000;

/**
 * Each piece is one transaction that also says how far the step is. So after a crash in the middle the rest follows
 * when the library is opened again; steps asked for meanwhile wait, and one undo takes back all of it.
 */
export function openReview(db: Database) {
  const decisions = decisionsTable(db);
  const unfinished = unfinishedStepsTable(db);
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** Write until the step is complete or the time is over. Nothing of `step` changes, for the case that it fails. */
  function writePiece(step: Step, category: string | null) {
    const end = performance.now() + pieceMs;
    let { sequence, position } = step;
    const changed: number[] = [];
    let complete = false;
    while (!complete && (position === step.position || performance.now() < end)) {
      if (step.direction === 'decide') {
        const last = Math.min(position + picturesPerLook, step.imageIds.length);
        for (; position < last; position++) {
          const imageId = step.imageIds[position]!;
          const begin = () => (sequence ??= decisions.begin(step.datasetId, step.kind, category));
          if (decisions.change(step.datasetId, imageId, step.kind, step.categoryId, begin)) changed.push(imageId);
        }
        complete = position === step.imageIds.length;
      } else {
        const restored = decisions.restore(sequence!, step.direction, position, picturesPerLook);
        for (const imageId of restored) changed.push(imageId);
        position = restored.at(-1) ?? position;
        complete = restored.length < picturesPerLook;
        if (complete) decisions.setState(sequence!, step.direction === 'undo' ? 'undone' : 'done');
      }
    }
    return { sequence, position, changed, complete };
  }

  /** @param name  takes note of the changed pictures of one piece */
  async function write(
    step: Step,
    result: DecisionResult,
    first: () => ReturnType<typeof writePiece>,
    name: (result: DecisionResult, changed: readonly number[]) => void = nameFirst,
  ): Promise<void> {
    let written = first();
    for (;;) {
      result.changed += written.changed.length;
      name(result, written.changed);
      step.sequence = written.sequence;
      step.position = written.position;
      if (written.complete) return;
      await nextTurn();
      if (closed) throw new AppError('aborted', 'The library was closed; the rest follows when it is opened again');
      written = nextPiece(step, result.category);
    }
  }

  const firstPiece = db.transaction((step: Step, category: string | null) => {
    const written = writePiece(step, category);
    if (!written.complete) unfinished.insert({ ...step, sequence: written.sequence, position: written.position });
    return written;
  });

  const nextPiece = db.transaction((step: Step, category: string | null) => {
    const written = writePiece(step, category);
    if (written.complete) unfinished.remove();
    else unfinished.advance(written.sequence, written.position);
    return written;
  });

  /** What a crash, a full disk or a closed library cut off. */
  async function finish(): Promise<void> {
    const step = unfinished.get();
    if (!step) return;
    const { categoryId, datasetId, kind } = step;
    const category = categoryId === null ? null : decisions.choose(datasetId, { kind: 'label', categoryId })!.name;
    const result: DecisionResult = { kind, changed: 0, imageIds: [], category };
    await write(step, result, () => nextPiece(step, category));
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

  async function decide(datasetId: number, imageIds: Int32Array, action: ReviewAction): Promise<DecisionResult> {
    const { kind } = action;
    const result: DecisionResult = { kind, changed: 0, imageIds: [], category: null };
    // In the order of the table: any other would fetch and write each row from another place of the file.
    const isLong = imageIds.length > sortedFrom;
    const ordered = isLong ? imageIds.toSorted() : imageIds;
    const step: Step = {
      datasetId,
      direction: 'decide',
      sequence: null,
      kind,
      categoryId: null,
      imageIds: ordered,
      position: 0,
    };
    const begin = db.transaction(() => {
      const category = decisions.choose(datasetId, action);
      step.categoryId = category?.id ?? null;
      result.category = category?.name ?? null;
      return firstPiece(step, result.category);
    });
    await write(step, result, begin, isLong ? nameOf(imageIds) : nameFirst);
    return result;
  }

  async function restore(datasetId: number, direction: 'undo' | 'redo'): Promise<DecisionResult> {
    const decision = direction === 'undo' ? decisions.newestDone(datasetId) : decisions.oldestUndone(datasetId);
    if (!decision) return { kind: null, changed: 0, imageIds: [], category: null };
    const { sequence, kind, category } = decision;
    const result: DecisionResult = { kind, changed: 0, imageIds: [], category };
    const step: Step = {
      datasetId,
      direction,
      sequence,
      kind,
      categoryId: null,
      imageIds: new Int32Array(),
      position: 0,
    };
    await write(step, result, () => firstPiece(step, category));
    return result;
  }

  // What is left of the last time. Should it fail, the next step tries again and tells why.
  queue(() => {}).catch(() => {});

  return {
    /** One step of undo for all of `imageIds`; pictures the action does not apply to or change are left alone. */
    decide: (datasetId: number, imageIds: Int32Array | readonly number[], action: ReviewAction) =>
      queue(() => decide(datasetId, Int32Array.from(imageIds), action)),
    undo: (datasetId: number) => queue(() => restore(datasetId, 'undo')),
    redo: (datasetId: number) => queue(() => restore(datasetId, 'redo')),
    canUndo: (datasetId: number) => decisions.newestDone(datasetId) !== undefined,
    canRedo: (datasetId: number) => decisions.oldestUndone(datasetId) !== undefined,

    /** Resolves when no step is half written, for whoever needs all or nothing of each. */
    settled: () => queue(() => {}),

    [Symbol.dispose]() {
      closed = true;
    },
  };
}

function nameFirst(result: DecisionResult, changed: readonly number[]): void {
  result.imageIds.push(...changed.slice(0, namedImages - result.imageIds.length));
}

/** Of a list that is written in another order: those that come first in it. */
function nameOf(imageIds: Int32Array): typeof nameFirst {
  const first = [...imageIds.subarray(0, namedImages)];
  const isFirst = new Set(first);
  const found = new Set<number>();
  return (result, changed) => {
    for (const imageId of changed) if (isFirst.has(imageId)) found.add(imageId);
    result.imageIds = first.filter((imageId) => found.has(imageId));
  };
}
