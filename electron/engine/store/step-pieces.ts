/** @file One step written piece by piece, so that nothing else has to wait long and a crash does not halve it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecisionResult } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import type { Database } from './database.ts';
import type { decisionsTable } from './decisions.ts';
import { mergedPictures } from './merged-pictures.ts';
import { unfinishedStepsTable, type Step } from './unfinished-steps.ts';

/** How many of the changed pictures an answer names. */
const namedImages = 50;
/** How long one piece may keep the engine from everything else, milliseconds. */
const pieceMs = 25;
/** Pictures between two looks at the clock. */
const picturesPerLook = 50;

/** Takes note of the changed pictures of one piece. */
export type Naming = (result: DecisionResult, changed: readonly number[]) => void;

interface Piece {
  sequence: number | null;
  position: number;
  changed: number[];
  complete: boolean;
}

/** @param isClosed  whether the library was closed, which ends the writing between two pieces */
export function stepPieces(db: Database, decisions: ReturnType<typeof decisionsTable>, isClosed: () => boolean) {
  const unfinished = unfinishedStepsTable(db);
  const merged = mergedPictures(db, decisions);

  /** Write until the step is complete or the time is over. Nothing of `step` changes, for the case that it fails. */
  function writePiece(step: Step, category: string | null): Piece {
    const { datasetId, direction, kind, imageIds } = step;
    const end = performance.now() + pieceMs;
    let { sequence, position } = step;
    const changed: number[] = [];
    let complete = false;
    const begin = () => (sequence ??= decisions.begin(datasetId, kind, category));
    while (!complete && (position === step.position || performance.now() < end)) {
      if (kind === 'category-merged' || direction === 'decide') {
        const last = Math.min(position + picturesPerLook, imageIds.length);
        for (; position < last; position++) {
          const imageId = imageIds[position]!;
          const isChanged =
            kind === 'category-merged'
              ? merged.settle(step, sequence!, imageId)
              : decisions.change(step, imageId, position, begin);
          if (isChanged) changed.push(imageId);
        }
        complete = position === imageIds.length;
      } else {
        const restored = decisions.restore(sequence!, direction, position, picturesPerLook);
        for (const imageId of restored) changed.push(imageId);
        position = restored.at(-1) ?? position;
        complete = restored.length < picturesPerLook;
      }
    }
    if (complete && direction !== 'decide') decisions.setState(sequence!, direction === 'undo' ? 'undone' : 'done');
    return { sequence, position, changed, complete };
  }

  function firstPiece(step: Step, category: string | null): Piece {
    const written = writePiece(step, category);
    if (!written.complete) unfinished.insert({ ...step, sequence: written.sequence, position: written.position });
    return written;
  }

  const nextPiece = db.transaction((step: Step, category: string | null) => {
    const written = writePiece(step, category);
    if (written.complete) unfinished.remove();
    else unfinished.advance(written.sequence, written.position);
    return written;
  });

  async function write(step: Step, result: DecisionResult, first: () => Piece, name: Naming = nameFirst) {
    let written = first();
    for (;;) {
      result.changed += written.changed.length;
      name(result, written.changed);
      step.sequence = written.sequence;
      step.position = written.position;
      if (written.complete) return;
      await nextTurn();
      if (isClosed()) throw closedError();
      written = nextPiece(step, result.category);
    }
  }

  const found = db.transaction((step: Step) => {
    unfinished.setImages(step.imageIds);
    unfinished.advance(step.sequence, step.position);
  });

  /** The rest of a step that `unfinished_steps` names. */
  async function writeRest(step: Step, result: DecisionResult): Promise<void> {
    if (step.position < 0) {
      step.imageIds = await merged.find(step);
      if (isClosed()) throw closedError();
      step.position = 0;
      found(step);
    }
    await write(step, result, () => nextPiece(step, result.category));
  }

  return {
    unfinished: () => unfinished.get(),
    /** Within a transaction: all of a short step, or the beginning of a long one. */
    firstPiece,
    write,
    /** Within a transaction: a step whose pictures are yet to be found, with position -1. */
    announce: (step: Step): void => unfinished.insert(step),
    writeRest,
  };
}

const closedError = () => new AppError('aborted', 'The library was closed; the rest follows when it is opened again');

function nameFirst(result: DecisionResult, changed: readonly number[]): void {
  result.imageIds.push(...changed.slice(0, namedImages - result.imageIds.length));
}

/** Of a list that is written in another order: those that come first in it. */
export function nameOf(imageIds: Int32Array): Naming {
  const first = [...imageIds.subarray(0, namedImages)];
  const isFirst = new Set(first);
  const found = new Set<number>();
  return (result, changed) => {
    for (const imageId of changed) if (isFirst.has(imageId)) found.add(imageId);
    result.imageIds = first.filter((imageId) => found.has(imageId));
  };
}
