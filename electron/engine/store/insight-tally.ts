/** @file Counting pictures and decisions for the plots, one after the other. Shares and scores are in [0, 1]. */
import type { Insights } from '#core/insights.ts';

export type TalliedImage = [
  id: number,
  sourceId: number,
  path: string,
  sizeBytes: number,
  status: string,
  review: string,
  categoryId: number | null,
  topCategoryId: number | null,
  topScore: number | null,
  /** The best prediction when it was decided. */
  shownCategoryId: number | null,
  shownScore: number | null,
];
export type LoggedDecision = [imageId: number, reviewAfter: string, decidedMs: number];

/** Of equal width, over scores. */
const scoreBins = 20;
const reliabilityBins = 10;
/** More cannot be told apart on a screen. */
const confusionSize = 20;
const maxFolders = 200;
const maxCategories = 500;
const maxStretches = 40;
/** Fewer decisions say nothing about how often predictions are right. */
const minStretch = 10;
const dayMs = 86_400_000;

type Day = Insights['progress'][number];

export class InsightTally {
  readonly #sources: ReadonlyMap<number, string>;
  readonly #names: ReadonlyMap<number, string>;
  readonly #meanings: ReadonlyMap<number, number>;
  readonly #offsetMs: number;
  readonly #categories = new Map<number, { decided: number; predicted: number }>();
  readonly #scores = Array.from({ length: scoreBins }, () => ({ decided: 0, undecided: 0 }));
  readonly #reliability = Array.from({ length: reliabilityBins }, () => ({ count: 0, sum: 0, right: 0 }));
  /** By decided, then predicted category. */
  readonly #pairs = new Map<number, Map<number, number>>();
  readonly #folders = new Map<string, { imageCount: number; failed: number; sizeBytes: number }>();
  readonly #days = new Map<string, Day>();
  /** Decided pictures that have a prediction to compare with. */
  readonly #comparable = new Set<number>();
  /** Newest first. */
  readonly #decisions: { atMs: number; agreed: boolean }[] = [];

  constructor(
    sources: readonly { id: number; folder: string }[],
    categories: readonly { id: number; name: string; mergedInto: number | null }[],
    utcOffsetMinutes: number,
  ) {
    this.#sources = new Map(sources.map(({ id, folder }) => [id, folder]));
    this.#names = new Map(categories.map(({ id, name }) => [id, name]));
    this.#meanings = new Map(categories.map(({ id, mergedInto }) => [id, mergedInto ?? id]));
    this.#offsetMs = utcOffsetMinutes * 60_000;
  }

  /** @param annotations  what it was decided to be */
  image(image: TalliedImage, annotations: readonly number[]): void {
    const [id, sourceId, path, sizeBytes, status, review, categoryId, topCategoryId, score, shownId, shownScore] =
      image;
    const folder = this.#sources.get(sourceId);
    // Of folders taken off the list, or gone: nobody sees them.
    if (folder === undefined || status === 'missing') return;
    this.#folder(folder, path, sizeBytes, status);
    const decided = new Set<number>();
    if (review === 'accepted' || review === 'corrected') {
      // The first one decided stands in the row itself.
      if (categoryId !== null) decided.add(this.#meaning(categoryId));
      for (const annotation of annotations) decided.add(this.#meaning(annotation));
    }
    for (const category of decided) this.#category(category).decided++;
    if (topCategoryId !== null) {
      this.#category(this.#meaning(topCategoryId)).predicted++;
      if (score !== null) this.#scores[binOf(score, scoreBins)]![decided.size > 0 ? 'decided' : 'undecided']++;
    }
    if (shownId !== null && decided.size > 0) this.#compare(id, decided, this.#meaning(shownId), shownScore);
  }

  /** With what was predicted before it was decided: what was learned from a decision is right about it, mostly. */
  #compare(id: number, decided: ReadonlySet<number>, predicted: number, score: number | null): void {
    const [first] = decided;
    this.#comparable.add(id);
    const isRight = decided.has(predicted);
    if (score !== null) {
      const bin = this.#reliability[binOf(score, reliabilityBins)]!;
      bin.count++;
      bin.sum += score;
      if (isRight) bin.right++;
    }
    const row = isRight ? predicted : first!;
    const pairs = this.#pairs.get(row) ?? new Map<number, number>();
    this.#pairs.set(row, pairs.set(predicted, (pairs.get(predicted) ?? 0) + 1));
  }

  /**
   * The last decision about a picture, newest first, after all pictures. 'accepted' was written when the decision was
   * what the prediction said at that time, before anything was learned from it.
   */
  decision(imageId: number, review: string, atMs: number): void {
    if (!isCounted(review)) return;
    const day = new Date(Math.floor((atMs + this.#offsetMs) / dayMs) * dayMs).toISOString().slice(0, 10);
    const counts = this.#days.get(day) ?? { day, accepted: 0, corrected: 0, unsure: 0, skipped: 0 };
    counts[review]++;
    this.#days.set(day, counts);
    if (this.#comparable.has(imageId)) this.#decisions.push({ atMs, agreed: review === 'accepted' });
  }

  result(): Omit<Insights, 'datasetId'> {
    const categories = Array.from(this.#categories, ([categoryId, counts]) => ({
      categoryId,
      name: this.#name(categoryId),
      ...counts,
    }));
    return {
      progress: [...this.#days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1)),
      categories: categories
        .toSorted((a, b) => b.decided - a.decided || b.predicted - a.predicted || a.categoryId - b.categoryId)
        .slice(0, maxCategories),
      scores: this.#scores.map((counts, at) => ({ low: at / scoreBins, high: (at + 1) / scoreBins, ...counts })),
      reliability: this.#reliability.map(({ count, sum, right }, at) => ({
        low: at / reliabilityBins,
        high: (at + 1) / reliabilityBins,
        count,
        meanScore: count > 0 ? sum / count : 0,
        accuracy: count > 0 ? right / count : 0,
      })),
      confusion: this.#confusion(),
      agreement: this.#agreement(),
      folders: Array.from(this.#folders, ([folder, counts]) => ({ folder, ...counts }))
        .toSorted((a, b) => b.failed - a.failed || b.imageCount - a.imageCount || (a.folder < b.folder ? -1 : 1))
        .slice(0, maxFolders),
    };
  }

  #meaning(categoryId: number): number {
    let id = categoryId;
    for (let step = 0; step < 32; step++) {
      const next = this.#meanings.get(id) ?? id;
      if (next === id) break;
      id = next;
    }
    return id;
  }

  #name(categoryId: number): string {
    return this.#names.get(categoryId) ?? '';
  }

  #category(categoryId: number) {
    let counts = this.#categories.get(categoryId);
    if (!counts) this.#categories.set(categoryId, (counts = { decided: 0, predicted: 0 }));
    return counts;
  }

  #folder(source: string, path: string, sizeBytes: number, status: string): void {
    const end = path.lastIndexOf('/');
    const folder = end < 0 ? source : `${source}/${path.slice(0, end)}`;
    let counts = this.#folders.get(folder);
    if (!counts) this.#folders.set(folder, (counts = { imageCount: 0, failed: 0, sizeBytes: 0 }));
    counts.imageCount++;
    counts.sizeBytes += sizeBytes;
    if (status === 'failed') counts.failed++;
  }

  #confusion(): Insights['confusion'] {
    const totals = new Map<number, number>();
    let imageCount = 0;
    for (const [decided, row] of this.#pairs) {
      for (const [predicted, count] of row) {
        imageCount += count;
        totals.set(decided, (totals.get(decided) ?? 0) + count);
        if (predicted !== decided) totals.set(predicted, (totals.get(predicted) ?? 0) + count);
      }
    }
    const ids = [...totals].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, confusionSize);
    return {
      categories: ids.map(([id]) => ({ id, name: this.#name(id) })),
      counts: ids.map(([decided]) => ids.map(([predicted]) => this.#pairs.get(decided)?.get(predicted) ?? 0)),
      imageCount,
    };
  }

  /** Stretches of as good as equal length, the last one shorter at most. */
  #agreement(): Insights['agreement'] {
    // Counted where they lie: copies of a million would keep everybody waiting.
    const newestFirst = this.#decisions;
    const total = newestFirst.length;
    const length = Math.max(minStretch, Math.ceil(total / maxStretches));
    return Array.from({ length: Math.ceil(total / length) }, (_, at) => {
      const from = total - 1 - at * length;
      const to = Math.max(0, from - length + 1);
      let agreed = 0;
      for (let place = to; place <= from; place++) if (newestFirst[place]!.agreed) agreed++;
      return {
        fromMs: newestFirst[from]!.atMs,
        toMs: newestFirst[to]!.atMs,
        decided: from - to + 1,
        agreed,
      };
    });
  }
}

function binOf(score: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(score * count)));
}

function isCounted(review: string): review is 'accepted' | 'corrected' | 'unsure' | 'skipped' {
  return review === 'accepted' || review === 'corrected' || review === 'unsure' || review === 'skipped';
}
