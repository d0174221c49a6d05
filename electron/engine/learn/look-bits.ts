/** @file The perceptual hashes of one dataset's pictures in memory, by the rows of its index. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../store/database.ts';
import { embeddingsTable } from '../store/embeddings.ts';
import { perceptualHashesTable } from '../store/perceptual-hashes.ts';
import { parts } from './bit-pairs.ts';
import type { EmbeddingIndex } from './embedding-index.ts';

export interface LookBits {
  /** Shape [M]: rows of the index that have a hash. */
  rows: Int32Array;
  /** Shape [4, M]: 16 bits of each at a time. */
  bits: Uint16Array;
}

export async function readLooks(
  db: Database,
  datasetId: number,
  index: Pick<EmbeddingIndex, 'imageIds' | 'placeOf'>,
): Promise<LookBits> {
  const table = perceptualHashesTable(db);
  const most = index.imageIds.length;
  const rows = new Int32Array(most);
  const hashes = new Uint16Array(most * parts);
  let count = 0;
  for (const range of embeddingsTable(db).ranges()) {
    for (const [imageId, stored] of table.ofRange(datasetId, range)) {
      const row = index.placeOf(imageId);
      if (row < 0 || row >= most || stored.length !== 2 * parts) continue;
      for (let part = 0; part < parts; part++) hashes[count * parts + part] = stored.readUInt16LE(part * 2);
      rows[count++] = row;
    }
    await nextTurn();
  }
  const bits = new Uint16Array(count * parts);
  for (let place = 0; place < count; place++) {
    for (let part = 0; part < parts; part++) bits[part * count + place] = hashes[place * parts + part]!;
  }
  return { rows: rows.slice(0, count), bits };
}
