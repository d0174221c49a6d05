/** @file The embeddings of one dataset in memory: projected while they are read, and kept up to date. */
import type { Database } from '../store/database.ts';
import { embeddingsTable, type EmbeddingKey, type EmbeddingSpace } from '../store/embeddings.ts';
import type { Matrix, Multiplier } from './head-model.ts';
import { fitProjection, project, scaleRows, type Projection } from './projection.ts';

/** Principal components kept; with fewer, what a head can tell apart begins to suffer. */
const mostComponents = 256;
const fewestComponents = 32;
/** Floats the rows may take together, so that a million pictures fit into 256 MB with fewer components. */
const floatLimit = 64_000_000;
/** Rows the projection is fitted to. */
const sampleRows = 4096;
/** Rows read and projected at once. */
const blockRows = 1024;
/** A projection of few pictures is fitted anew when there are this many times more. */
const refitGrowth = 1.5;

export interface EmbeddingIndex {
  readonly space: EmbeddingSpace;
  readonly projection: Projection;
  /** Another one when the projection changed, so that what was computed in the old one counts no more. */
  readonly generation: number;
  /** Shape [N]: pictures by row. Rows never move; the memory is not written to once it was read. */
  readonly imageIds: Int32Array;
  /** Shape [N]: the model's run that each row is from. */
  readonly runIds: Int32Array;
  /** Shape [N, K]. */
  readonly features: Matrix;
  /** Shape [N]: of each row of `features`. */
  readonly lengths: Float32Array;
  /** Rows written anew since the generation began; what was computed of them counts no more. */
  readonly rewritten: number;
  /** The row of a picture, or -1. */
  placeOf(imageId: number): number;
}

export interface IndexParts {
  db: Database;
  multiplier: () => Promise<Multiplier>;
  /** How far reading is, in [0, 1]. */
  onReading: (done: number) => void;
}

/**
 * @returns `current` answers at once unless results came in since; `reread` looks at every picture again. Undefined while
 *   no picture has an embedding
 */
export function openIndex({ db, multiplier, onReading }: IndexParts, datasetId: number) {
  const table = embeddingsTable(db);
  let index: MutableIndex | undefined;
  let generation = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function update(everything: boolean): Promise<EmbeddingIndex | undefined> {
    const space = table.space(datasetId);
    if (!space) return (index = undefined);
    if (index && !everything && index.space.stamp === space.stamp) return index;
    if (index && index.space.modelName !== space.modelName) index = undefined;
    const keys = [];
    for (const range of table.ranges()) for (const key of table.keys(datasetId, space, range)) keys.push(key);
    if (keys.length === 0) return (index = undefined);
    if (index && index.fittedTo < sampleRows && keys.length > index.fittedTo * refitGrowth) index = undefined;
    index ??= await begin(space, keys);
    const known = index;
    const wanted = keys.filter((key) => known.isOther(key));
    for (let from = 0; from < wanted.length; from += blockRows) {
      await known.read(wanted.slice(from, from + blockRows));
      if (wanted.length > blockRows) onReading(Math.min(1, (from + blockRows) / wanted.length));
    }
    known.space = space;
    return known;
  }

  /** From pictures all over the dataset: neighbours often show the same. */
  async function begin(space: EmbeddingSpace, keys: readonly EmbeddingKey[]): Promise<MutableIndex> {
    const step = Math.max(1, keys.length / sampleRows);
    const chosen = Array.from({ length: Math.min(keys.length, sampleRows) }, (_, n) => keys[Math.floor(n * step)]!);
    const { matrix } = readRows(table, chosen);
    const components = Math.max(fewestComponents, Math.min(mostComponents, Math.floor(floatLimit / keys.length)));
    const projection = await fitProjection(matrix, components, await multiplier());
    return new MutableIndex(++generation, space, projection, chosen.length, keys.length, table, multiplier);
  }

  /** One after the other: whoever comes while it is brought up to date gets that. */
  const inTurn = (everything: boolean) => (): Promise<EmbeddingIndex | undefined> => {
    const result = turn.then(() => update(everything));
    turn = result.catch(() => {});
    return result;
  };
  return { current: inTurn(false), reread: inTurn(true) };
}

type Table = ReturnType<typeof embeddingsTable>;

class MutableIndex implements EmbeddingIndex {
  readonly generation: number;
  space: EmbeddingSpace;
  readonly projection: Projection;
  readonly fittedTo: number;
  rewritten = 0;
  readonly #table: Table;
  readonly #multiplier: () => Promise<Multiplier>;
  readonly #width: number;
  #rows = 0;
  #imageIds: Int32Array;
  #runIds: Int32Array;
  #contents: Int32Array;
  #values: Float32Array;
  #lengths: Float32Array;
  #places = new Int32Array(0);

  constructor(
    generation: number,
    space: EmbeddingSpace,
    projection: Projection,
    fittedTo: number,
    capacity: number,
    table: Table,
    multiplier: () => Promise<Multiplier>,
  ) {
    this.generation = generation;
    this.space = space;
    this.projection = projection;
    this.fittedTo = fittedTo;
    this.#table = table;
    this.#multiplier = multiplier;
    this.#width = projection.components?.rows ?? projection.width;
    this.#imageIds = new Int32Array(capacity);
    this.#runIds = new Int32Array(capacity);
    this.#contents = new Int32Array(capacity);
    this.#values = new Float32Array(capacity * this.#width);
    this.#lengths = new Float32Array(capacity);
  }

  get imageIds(): Int32Array {
    return this.#imageIds.subarray(0, this.#rows);
  }

  get runIds(): Int32Array {
    return this.#runIds.subarray(0, this.#rows);
  }

  get features(): Matrix {
    return { values: this.#values.subarray(0, this.#rows * this.#width), rows: this.#rows, width: this.#width };
  }

  get lengths(): Float32Array {
    return this.#lengths.subarray(0, this.#rows);
  }

  placeOf(imageId: number): number {
    return (this.#places[imageId] ?? 0) - 1;
  }

  /** Whether the picture is new, or shows something else than what was read. */
  isOther({ imageId, runId, contentHash }: EmbeddingKey): boolean {
    const row = this.placeOf(imageId);
    return row < 0 || this.#runIds[row] !== runId || this.#contents[row] !== contentOf(contentHash);
  }

  async read(keys: readonly EmbeddingKey[]): Promise<void> {
    const { matrix, keys: found } = readRows(this.#table, keys, this.projection.width);
    if (found.length === 0) return;
    const projected = await project(matrix, this.projection, await this.#multiplier());
    found.forEach((key, at) => {
      const row = this.#rowFor(key.imageId);
      this.#runIds[row] = key.runId;
      this.#contents[row] = contentOf(key.contentHash);
      const own = projected.values.subarray(at * this.#width, (at + 1) * this.#width);
      this.#values.set(own, row * this.#width);
      this.#lengths[row] = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    });
  }

  #rowFor(imageId: number): number {
    const known = this.placeOf(imageId);
    if (known >= 0) {
      this.rewritten++;
      return known;
    }
    if (this.#rows === this.#imageIds.length) this.#grow(Math.ceil(this.#rows * 1.2) + 64);
    if (imageId >= this.#places.length) {
      const places = new Int32Array(Math.ceil(imageId * 1.1) + 1024);
      places.set(this.#places);
      this.#places = places;
    }
    const row = this.#rows++;
    this.#imageIds[row] = imageId;
    this.#places[imageId] = row + 1;
    return row;
  }

  #grow(capacity: number): void {
    const larger = (old: Int32Array) => {
      const grown = new Int32Array(capacity);
      grown.set(old);
      return grown;
    };
    this.#imageIds = larger(this.#imageIds);
    this.#runIds = larger(this.#runIds);
    this.#contents = larger(this.#contents);
    const values = new Float32Array(capacity * this.#width);
    values.set(this.#values);
    this.#values = values;
    const lengths = new Float32Array(capacity);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
  }
}

/** 32 bits are enough to see that something else is shown. */
function contentOf(contentHash: string | null): number {
  return contentHash === null ? 0 : Number.parseInt(contentHash.slice(0, 8), 16) | 0;
}

/** Every float16 there is, by its bits: V8 converts them one at a time and ten times slower. */
let floats: Float32Array | undefined;

/**
 * Rows of length 1; embeddings that are gone, or of another width than the first, are left out.
 *
 * @param width  D, if it is known
 */
export function readRows(table: Table, keys: readonly EmbeddingKey[], width = 0) {
  floats ??= Float32Array.from(new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer));
  let values = new Float32Array(keys.length * width);
  const found: EmbeddingKey[] = [];
  for (const key of keys) {
    const stored = table.features(key);
    if (!stored) continue;
    if (width === 0) {
      width = stored.length >> 1;
      values = new Float32Array(keys.length * width);
    }
    if (stored.length !== width * 2) continue;
    const bits =
      stored.byteOffset % 2 === 0
        ? new Uint16Array(stored.buffer, stored.byteOffset, width)
        : new Uint16Array(new Uint8Array(stored).buffer);
    const from = found.length * width;
    for (let at = 0; at < width; at++) values[from + at] = floats[bits[at]!]!;
    found.push(key);
  }
  const matrix = scaleRows({ values: values.subarray(0, found.length * width), rows: found.length, width });
  return { matrix, keys: found };
}
