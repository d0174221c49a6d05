/** @file Every question that the thread which learns can answer, over its own connection that only reads. */
import { AppError } from '#core/errors.ts';
import type { ImageSort } from '#core/image-filter.ts';
import type { GroupKind } from '#core/learn.ts';
import { openReader, type Database } from '../store/database.ts';
import { embeddingsTable, type DecidedPicture } from '../store/embeddings.ts';
import { headsTable } from '../store/heads.ts';
import { insights } from '../store/insights.ts';
import { openActivationMaps } from './activation.ts';
import { openIndex, type EmbeddingIndex } from './embedding-index.ts';
import { countCategories, examplesOf, inIndex, rowsOf, stampOf } from './examples.ts';
import { fitMeasured } from './fit-head.ts';
import { openDuplicates, predictedGroups } from './groups.ts';
import type { Examples, Multiplier } from './head-model.ts';
import { reportOn } from './head-report.ts';
import { openNearness } from './nearness.ts';
import { similarityLimit } from './novelty.ts';
import { openPredictor, placeHead, type PlacedHead } from './predict.ts';
import { foldHead, scaleRows, unfoldHead } from './projection.ts';
import type { Answered, Asked, FoundGroup, LearnCounts, LearnQuestions, QuestionName } from './protocol.ts';
import { pictureFacts } from './picture-facts.ts';
import { queueOrder } from './queues.ts';
import { estimate } from './random-sample.ts';
import { openUndecided } from './undecided.ts';
import { undecidedSample } from './undecided-sample.ts';

type Answers = { [Name in QuestionName]: (input: Asked<Name>) => Promise<Answered<Name>> };

/**
 * @param onReading  how far reading of a dataset is, in [0, 1]
 * @param signal     nobody waits for what takes long any more
 */
export function openAnswers(
  db: Database,
  multiplier: () => Promise<Multiplier>,
  onReading: (datasetId: number, done: number) => void,
  signal?: AbortSignal,
): Answers & AsyncDisposable {
  const embeddings = embeddingsTable(db);
  const heads = headsTable(db);
  const predictor = openPredictor(db, multiplier);
  const facts = pictureFacts(db);
  const maps = openActivationMaps();
  const datasets = new Map<number, ReturnType<typeof openDataset>>();
  const names = db.prepare<[number], string>(/* sql */ `SELECT name FROM categories WHERE id = ?`).pluck();
  let grouped: { key: string; groups: FoundGroup[] } | undefined;
  let placed: { key: string; head: PlacedHead } | undefined;

  function openDataset(datasetId: number) {
    const index = openIndex({ db, multiplier, onReading: (done) => onReading(datasetId, done) }, datasetId);
    const turned = () => {
      if (signal?.aborted) throw new AppError('aborted', 'The library is closed');
    };
    return {
      index,
      nearness: openNearness(multiplier),
      duplicates: openDuplicates({ db, multiplier, turned }, datasetId),
    };
  }

  function dataset(datasetId: number) {
    const known = datasets.get(datasetId) ?? openDataset(datasetId);
    datasets.set(datasetId, known);
    return known;
  }

  async function decidedOf(datasetId: number) {
    const index = await dataset(datasetId).index.current();
    const decided = index ? inIndex(embeddings.decided(datasetId), index) : [];
    return { index, decided };
  }

  async function countsOf(datasetId: number): Promise<LearnCounts> {
    const { index, decided } = await decidedOf(datasetId);
    const categoryCount = [...countCategories(decided).values()].filter((count) => count >= 2).length;
    return { exampleCount: decided.length, categoryCount, embeddedCount: index?.imageIds.length ?? 0 };
  }

  const limitOf = ({ features, labels }: Examples, products: Multiplier) =>
    similarityLimit(
      features,
      labels.map((own) => own[0]!),
      products,
    );

  /** @param limit  pictures less like a decided one are left to the model, and nothing is learned from them; null: none */
  async function undecidedOf(
    datasetId: number,
    index: EmbeddingIndex,
    decided: readonly DecidedPicture[],
    examples: Examples,
    limit: number | null,
  ) {
    const decidedIds = decided.map(({ imageId }) => imageId);
    const found = limit === null ? null : await dataset(datasetId).nearness.similarities(index, decidedIds);
    const sample = undecidedSample(index, new Set(decidedIds), found ? (row) => found[row]! >= limit! : undefined);
    return openUndecided(examples, sample, await multiplier());
  }

  async function order(datasetId: number, imageIds: Int32Array, sort: ImageSort): Promise<Int32Array> {
    const { index, decided } = await decidedOf(datasetId);
    const { nearness } = dataset(datasetId);
    const parts = { datasetId, index, decided, nearness, facts: () => facts.all(datasetId) };
    return queueOrder(imageIds, sort, { ...parts, multiplier: await multiplier() });
  }

  /** All groups of a kind; found again only when something was written since: whoever pages asks many times. */
  async function groupsOf(datasetId: number, kind: GroupKind): Promise<FoundGroup[]> {
    const { index, duplicates } = dataset(datasetId);
    const found = kind === 'duplicates' ? await index.current() : undefined;
    const key = `${datasetId} ${kind} ${found?.generation} ${Number(db.pragma('data_version', { simple: true }))}`;
    if (grouped?.key === key) return grouped.groups;
    let groups: FoundGroup[] = [];
    if (kind === 'clusters') groups = predictedGroups(facts.all(datasetId));
    else if (found) groups = await duplicates.groups(found, facts.all(datasetId));
    grouped = { key, groups };
    return groups;
  }

  const answers: Answers = {
    counts: ({ datasetId }) => countsOf(datasetId),
    space: async ({ datasetId }) => ({ modelName: embeddings.space(datasetId)?.modelName ?? null }),

    fit: async ({ datasetId, multiLabel, mode, known, startRunId }) => {
      const index = await dataset(datasetId).index.reread();
      const counts = await countsOf(datasetId);
      if (!index || counts.categoryCount < 2) return { ...counts, head: 'too-few' };
      const decided = inIndex(embeddings.decided(datasetId), index);
      const stamp = stampOf(decided, index, multiLabel);
      if (stamp === known) return { ...counts, head: 'same' };
      const products = await multiplier();
      const earlier = startRunId === null ? undefined : heads.get(startRunId);
      const fits =
        earlier && earlier.modelName === index.space.modelName && earlier.model.width === index.projection.width;
      const start = fits ? await unfoldHead(earlier.model, index.projection, products) : undefined;
      const examples = examplesOf(decided, index, multiLabel);
      const limit = await limitOf(examples, products);
      const undecided = multiLabel
        ? undefined
        : await undecidedOf(datasetId, index, decided, examples, mode === 'extend' ? limit : null);
      const fitted = await fitMeasured(examples, { multiLabel, multiplier: products, start, undecided });
      return {
        ...counts,
        head: {
          modelName: index.space.modelName,
          model: await foldHead(fitted.head, index.projection, products),
          exampleCount: decided.length,
          similarityLimit: limit,
          accuracy: fitted.accuracy,
          examples: stamp,
        },
      };
    },

    predict: async ({ datasetId, runId, mode, from, limit, exact }) => {
      const index = await dataset(datasetId).index.current();
      const head = heads.get(runId);
      const none = { imageIds: new Int32Array(), runIds: new Int32Array(), ranks: 1 };
      const empty = { ...none, categoryIds: new Int32Array(), scores: new Float32Array() };
      if (!head) throw new AppError('not-found', `There is no head ${runId}`);
      if (!index || head.modelName !== index.space.modelName) return { changes: empty, next: null, total: 0 };
      const total = index.imageIds.length;
      const key = `${runId} ${head.settings.examples} ${index.generation}`;
      if (placed?.key !== key) placed = { key, head: await placeHead(head.model, index, await multiplier()) };
      const rows = Math.max(0, Math.min(limit, total - from));
      const { similarityLimit } = head.settings;
      let isOwn: ((row: number) => boolean) | undefined;
      if (mode === 'extend' && similarityLimit !== null) {
        const decided = inIndex(embeddings.decided(datasetId), index).map(({ imageId }) => imageId);
        const isDecided = new Set(decided);
        const found = await dataset(datasetId).nearness.similarities(index, decided);
        isOwn = (row) => found[row]! >= similarityLimit || isDecided.has(index.imageIds[row]!);
      }
      const changes =
        rows === 0 ? empty : await predictor.piece(datasetId, index, placed.head, { from, rows, exact }, isOwn);
      return { changes, next: from + rows < total ? from + rows : null, total };
    },

    report: async ({ datasetId, multiLabel, mode }) => {
      const { index, decided } = await decidedOf(datasetId);
      if (!index || decided.length === 0)
        throw new AppError('input.invalid', 'There are no decided pictures to report on');
      const nameOf = (categoryId: number) => names.get(categoryId) ?? '';
      const products = await multiplier();
      const examples = examplesOf(decided, index, multiLabel);
      const limit = mode === 'extend' ? await limitOf(examples, products) : null;
      const undecided = multiLabel ? undefined : await undecidedOf(datasetId, index, decided, examples, limit);
      return reportOn(examples, { multiLabel, multiplier: products, nameOf, undecided });
    },

    order: ({ datasetId, imageIds, sort }) => order(datasetId, imageIds, sort),

    nearest: async ({ datasetId, imageId, limit }) => {
      const { index, decided } = await decidedOf(datasetId);
      if (!index || index.placeOf(imageId) < 0) return [];
      const others = decided.map((picture) => picture.imageId).filter((id) => id !== imageId);
      const query = scaleRows(rowsOf(index, [imageId]));
      const { values } = await (await multiplier()).timesTransposed(scaleRows(rowsOf(index, others)), query);
      const found = others.map((id, at) => ({ imageId: id, similarity: Math.max(0, Math.min(1, values[at]!)) }));
      return found.sort((a, b) => b.similarity - a.similarity || a.imageId - b.imageId).slice(0, limit);
    },

    groups: async ({ datasetId, kind, offset, limit }) => {
      const groups = await groupsOf(datasetId, kind);
      return { total: groups.length, groups: groups.slice(offset, offset + limit) };
    },

    duplicates: async ({ datasetId, imageId }) => {
      const index = await dataset(datasetId).index.current();
      const row = index?.placeOf(imageId) ?? -1;
      return index && row >= 0 ? dataset(datasetId).duplicates.of(index, row) : [];
    },

    estimate: async ({ datasetId }) => {
      const all = facts.all(datasetId).filter(({ categoryId }) => categoryId !== null);
      const review = new Map(all.map((fact) => [fact.imageId, fact.review]));
      const ids = Int32Array.from(all, ({ imageId }) => imageId);
      const sample = await order(datasetId, ids, { key: 'random', descending: false });
      return estimate(Array.from(sample, (id) => review.get(id)!));
    },

    insights: async ({ datasetId, utcOffsetMinutes }) => {
      // A connection of its own, for a snapshot that other questions do not live in.
      const reader = openReader(db.name);
      try {
        reader.exec('BEGIN');
        return await insights(reader, datasetId, utcOffsetMinutes);
      } finally {
        reader.close();
      }
    },

    activation: ({ model, path, evidence }) => maps.of(model, path, evidence),
  };
  return { ...answers, [Symbol.asyncDispose]: () => maps[Symbol.asyncDispose]() } satisfies LearnAnswers;
}

type LearnAnswers = { [Name in keyof LearnQuestions]: unknown } & AsyncDisposable;
