/** @file Every question that the thread which learns can answer, over its own connection that only reads. */
import { wilson } from '#core/interval.ts';
import type { ImageSort } from '#core/image-filter.ts';
import { AppError } from '#core/errors.ts';
import type { Database } from '../store/database.ts';
import { embeddingsTable } from '../store/embeddings.ts';
import { headsTable } from '../store/heads.ts';
import { openActivationMaps } from './activation.ts';
import { crossValidate, stratifiedFolds } from './cross-validation.ts';
import { openIndex, type EmbeddingIndex } from './embedding-index.ts';
import { countCategories, examplesOf, inIndex, rowsOf, stampOf } from './examples.ts';
import { fitHead } from './fit-head.ts';
import type { Multiplier } from './head-model.ts';
import { reportOn } from './head-report.ts';
import { openNearness, type Nearness } from './nearness.ts';
import { openPredictor, placeHead, scoresOf, type PlacedHead } from './predict.ts';
import { foldHead, scaleRows, unfoldHead } from './projection.ts';
import type { Answered, Asked, FoundGroup, LearnCounts, LearnQuestions, QuestionName } from './protocol.ts';
import { pictureFacts, type PictureFacts } from './picture-facts.ts';

/** Share of decided pictures whose nearest other decided one is less like them than the limit of 'extend'. */
const unlikeShare = 0.05;
const groupLimit = 5000;
/** Cosine in the index from which two pictures count as nearly the same. */
const duplicateSimilarity = 0.95;

type Answers = { [Name in QuestionName]: (input: Asked<Name>) => Promise<Answered<Name>> };

/** @param onReading  how far reading of a dataset is, in [0, 1] */
export function openAnswers(
  db: Database,
  multiplier: () => Promise<Multiplier>,
  onReading: (datasetId: number, done: number) => void,
): Answers & AsyncDisposable {
  const embeddings = embeddingsTable(db);
  const heads = headsTable(db);
  const predictor = openPredictor(db, multiplier);
  const facts = pictureFacts(db);
  const maps = openActivationMaps();
  const datasets = new Map<number, { index: ReturnType<typeof openIndex>; nearness: Nearness }>();
  const names = db.prepare<[number], string>(/* sql */ `SELECT name FROM categories WHERE id = ?`).pluck();
  let placed: { key: string; head: PlacedHead } | undefined;

  function dataset(datasetId: number) {
    let known = datasets.get(datasetId);
    if (!known) {
      const index = openIndex({ db, multiplier, onReading: (done) => onReading(datasetId, done) }, datasetId);
      datasets.set(datasetId, (known = { index, nearness: openNearness(multiplier) }));
    }
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

  /** Cosines of every row to one picture, shape [N]; null without an embedding of it. */
  async function cosines(index: EmbeddingIndex, imageId: number): Promise<Float32Array | null> {
    if (index.placeOf(imageId) < 0) return null;
    const query = scaleRows(rowsOf(index, [imageId]));
    const { values } = await (await multiplier()).timesTransposed(index.features, query);
    const { width } = index.features;
    for (let row = 0; row < values.length; row++) {
      let square = 0;
      for (let at = row * width; at < (row + 1) * width; at++) square += index.features.values[at]! ** 2;
      values[row] = square > 0 ? values[row]! / Math.sqrt(square) : 0;
    }
    return values;
  }

  /** How likely each decided picture's own category is to heads that did not see it, by picture. */
  async function selfScores(datasetId: number): Promise<Map<number, number>> {
    const { index, decided } = await decidedOf(datasetId);
    const scores = new Map<number, number>();
    if (!index || countCategories(decided).size < 2) return scores;
    const examples = examplesOf(decided, index, false);
    const folds = stratifiedFolds(examples.labels, examples.categoryIds.length, 5);
    const options = { multiLabel: false, multiplier: await multiplier() };
    const held = await crossValidate(examples, folds, [0, 1, 2, 3, 4], options);
    const head = { categoryIds: examples.categoryIds, temperature: 1, multiLabel: false };
    const found = scoresOf(held.logits, { ...head, width: 0, weights: new Float32Array(), biases: new Float32Array() });
    held.rows.forEach((row, at) => {
      const own = found.values.subarray(at * found.width, (at + 1) * found.width);
      const mine = own[examples.labels[row]![0]!]!;
      let other = 0;
      own.forEach((score, category) => {
        if (category !== examples.labels[row]![0]) other = Math.max(other, score);
      });
      scores.set(examples.imageIds[row]!, mine - other);
    });
    return scores;
  }

  async function order(datasetId: number, imageIds: Int32Array, sort: ImageSort): Promise<Int32Array> {
    const by = (key: (imageId: number) => number): Int32Array => {
      const keys = new Map(Array.from(imageIds, (id) => [id, key(id)] as const));
      return imageIds.toSorted((a, b) => keys.get(a)! - keys.get(b)! || a - b);
    };
    // Knuth's multiplicative hash: pictures that are added do not change the order of the others.
    if (sort.key === 'random') return by((id) => Math.imul(id + datasetId, 2_654_435_761) >>> 0);
    const { index, decided } = await decidedOf(datasetId);
    if (sort.key === 'wrong') {
      const scores = await selfScores(datasetId);
      const known = imageIds.filter((id) => scores.has(id));
      return known.sort((a, b) => scores.get(a)! - scores.get(b)! || a - b);
    }
    if (sort.key === 'similar') {
      const found = index && sort.imageId !== undefined ? await cosines(index, sort.imageId) : null;
      return by((id) => -(found?.[index!.placeOf(id)] ?? -2));
    }
    if (sort.key === 'novel') {
      const compared = decided.map(({ imageId }) => imageId);
      const found = index && (await dataset(datasetId).nearness.similarities(index, compared));
      const isDecided = new Set(compared);
      return by((id) => (isDecided.has(id) ? 3 : (found?.[index!.placeOf(id)] ?? 2)));
    }
    const uncertain = new Map(facts.all(datasetId).map((fact) => [fact.imageId, fact]));
    if (sort.key === 'entropy') return by((id) => -(uncertain.get(id)?.entropy ?? -1));
    return diverse(
      by((id) => uncertain.get(id)?.margin ?? 2),
      index,
      decided.map(({ imageId }) => imageId),
    );
  }

  /** Of the most unsure ones first those least like any before them. */
  async function diverse(
    unsureFirst: Int32Array,
    index: EmbeddingIndex | undefined,
    decided: readonly number[],
  ): Promise<Int32Array> {
    if (!index) return unsureFirst;
    const isDecided = new Set(decided);
    const candidates = [...unsureFirst].filter((id) => index.placeOf(id) >= 0 && !isDecided.has(id)).slice(0, 2000);
    const rows = scaleRows(rowsOf(index, candidates));
    const nearest = new Float32Array(candidates.length).fill(-1);
    const seen = scaleRows(rowsOf(index, decided.slice(-500)));
    const { values } = await (await multiplier()).timesTransposed(rows, seen);
    for (let at = 0; at < values.length; at++) {
      const row = Math.floor(at / seen.rows);
      nearest[row] = Math.max(nearest[row]!, values[at]!);
    }
    const picked: number[] = [];
    const left = new Set(candidates.keys());
    while (left.size > 0 && picked.length < 500) {
      let best = -1;
      let most = -Infinity;
      for (const row of left) {
        const worth = (1 - nearest[row]!) * (1 - row / (2 * candidates.length));
        if (worth > most) [best, most] = [row, worth];
      }
      left.delete(best);
      picked.push(candidates[best]!);
      for (const row of left) {
        let product = 0;
        for (let k = 0; k < rows.width; k++)
          product += rows.values[row * rows.width + k]! * rows.values[best * rows.width + k]!;
        if (product > nearest[row]!) nearest[row] = product;
      }
    }
    const first = new Set(picked);
    return Int32Array.from([...picked, ...[...unsureFirst].filter((id) => !first.has(id))]);
  }

  /** Of unreviewed pictures, by what they are predicted to be; those below the middle of the scores are doubtful. */
  function clusters(all: readonly PictureFacts[]): FoundGroup[] {
    const groups = new Map<number, PictureFacts[]>();
    for (const fact of all) {
      if (fact.review !== 'unreviewed' || fact.categoryId === null) continue;
      const group = groups.get(fact.categoryId);
      if (group) group.push(fact);
      else groups.set(fact.categoryId, [fact]);
    }
    return [...groups]
      .sort((a, b) => b[1].length - a[1].length || a[0] - b[0])
      .map(([categoryId, group]) => {
        const sorted = group.sort((a, b) => b.score - a.score || a.imageId - b.imageId);
        const isDoubtful = ({ score, margin }: PictureFacts) => score < 0.5 || margin < 0.2;
        return {
          categoryId,
          imageIds: sorted
            .filter((fact) => !isDoubtful(fact))
            .slice(0, groupLimit)
            .map(({ imageId }) => imageId),
          doubtfulIds: sorted
            .filter(isDoubtful)
            .slice(0, groupLimit)
            .map(({ imageId }) => imageId),
        };
      });
  }

  async function duplicatesOf(index: EmbeddingIndex, imageId: number): Promise<number[]> {
    const found = await cosines(index, imageId);
    if (!found) return [];
    const rows = [...found.keys()].filter(
      (row) => found[row]! >= duplicateSimilarity && index.imageIds[row] !== imageId,
    );
    return rows
      .sort((a, b) => found[b]! - found[a]!)
      .slice(0, 1000)
      .map((row) => index.imageIds[row]!);
  }

  /** By blocks of rows against all others: every pair is looked at once. */
  async function duplicateGroups(index: EmbeddingIndex, all: readonly PictureFacts[]): Promise<FoundGroup[]> {
    const { width, rows } = index.features;
    const scaled = scaleRows({ values: index.features.values.slice(), rows, width });
    const parent = Int32Array.from({ length: rows }, (_, row) => row);
    const root = (row: number): number => {
      while (parent[row] !== row) row = parent[row] = parent[parent[row]!]!;
      return row;
    };
    for (let from = 0; from < rows; from += 256) {
      const count = Math.min(256, rows - from);
      const block = { values: scaled.values.subarray(from * width, (from + count) * width), rows: count, width };
      const rest = { values: scaled.values.subarray(from * width), rows: rows - from, width };
      const { values } = await (await multiplier()).timesTransposed(block, rest);
      for (let at = 0; at < values.length; at++) {
        if (values[at]! < duplicateSimilarity) continue;
        const [a, b] = [root(from + Math.floor(at / rest.rows)), root(from + (at % rest.rows))];
        if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
    const groups = new Map<number, number[]>();
    for (let row = 0; row < rows; row++)
      groups.set(root(row), [...(groups.get(root(row)) ?? []), index.imageIds[row]!]);
    const decided = new Map(all.map((fact) => [fact.imageId, fact]));
    const isDecided = (id: number) => ['accepted', 'corrected'].includes(decided.get(id)?.review ?? '');
    return [...groups.values()]
      .filter((imageIds) => imageIds.length > 1)
      .sort((a, b) => b.length - a.length || a[0]! - b[0]!)
      .map((imageIds) => {
        const one = imageIds.find(isDecided);
        return {
          categoryId: one === undefined ? null : decided.get(one)!.countsAs,
          imageIds: imageIds.slice(0, groupLimit),
          doubtfulIds: [],
        };
      });
  }

  const answers: Answers = {
    counts: ({ datasetId }) => countsOf(datasetId),
    space: async ({ datasetId }) => ({ modelName: embeddings.space(datasetId)?.modelName ?? null }),

    fit: async ({ datasetId, multiLabel, known, startRunId }) => {
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
      const fitted = await fitHead(examples, { multiLabel, multiplier: products, start });
      const compared = decided.map(({ imageId }) => imageId);
      const found = await dataset(datasetId).nearness.similarities(index, compared);
      const own = Float32Array.from(compared, (id) => found[index.placeOf(id)]!).sort();
      const model = await foldHead(fitted, index.projection, products);
      return {
        ...counts,
        head: {
          modelName: index.space.modelName,
          model,
          exampleCount: decided.length,
          similarityLimit: own[Math.floor(own.length * unlikeShare)] ?? null,
          accuracy: null,
          examples: stamp,
        },
      };
    },

    predict: async ({ datasetId, runId, mode, from, limit }) => {
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
      const changes = rows === 0 ? empty : await predictor.piece(datasetId, index, placed.head, { from, rows }, isOwn);
      return { changes, next: from + rows < total ? from + rows : null, total };
    },

    report: async ({ datasetId, multiLabel }) => {
      const { index, decided } = await decidedOf(datasetId);
      if (!index || decided.length === 0)
        throw new AppError('input.invalid', 'There are no decided pictures to report on');
      const nameOf = (categoryId: number) => names.get(categoryId) ?? '';
      return reportOn(examplesOf(decided, index, multiLabel), { multiLabel, multiplier: await multiplier(), nameOf });
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
      const all = facts.all(datasetId);
      const index = kind === 'duplicates' ? await dataset(datasetId).index.current() : undefined;
      const groups = kind === 'clusters' ? clusters(all) : index ? await duplicateGroups(index, all) : [];
      return { total: groups.length, groups: groups.slice(offset, offset + limit) };
    },

    duplicates: async ({ datasetId, imageId }) => {
      const index = await dataset(datasetId).index.current();
      return index ? duplicatesOf(index, imageId) : [];
    },

    estimate: async ({ datasetId }) => {
      const all = facts.all(datasetId).filter(({ categoryId }) => categoryId !== null);
      const review = new Map(all.map((fact) => [fact.imageId, fact.review]));
      const ids = Int32Array.from(all, ({ imageId }) => imageId);
      let [reviewed, correct] = [0, 0];
      for (const id of await order(datasetId, ids, { key: 'random', descending: false })) {
        if (review.get(id) === 'unreviewed') break;
        reviewed++;
        if (review.get(id) === 'accepted') correct++;
      }
      return { reviewed, correct, accuracy: reviewed === 0 ? null : wilson(correct, reviewed) };
    },

    activation: ({ model, path, evidence }) => maps.of(model, path, evidence),
  };
  return { ...answers, [Symbol.asyncDispose]: () => maps[Symbol.asyncDispose]() } satisfies LearnAnswers;
}

type LearnAnswers = { [Name in keyof LearnQuestions]: unknown } & AsyncDisposable;
