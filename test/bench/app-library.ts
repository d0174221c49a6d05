/**
 * @file A profile of the app with a large labeled library: its rows, and the small copies of its pictures on disk. The
 * pictures themselves are not there, because nothing that is measured with it reads them.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { openStore } from '../../electron/engine/store/store.ts';
import { openThumbnailStore, thumbnailQuality, thumbnailSides } from '../../electron/engine/thumbnail-store.ts';
import { samplePhotos, seededRandom } from '../support/pictures.ts';

/** Different small copies; pictures share them, but no two share an address. */
const copyCount = 800;
const labelCount = 100;
/** Predictions of a picture. */
const topK = 5;

const hashOf = (index: number) => createHash('sha256').update(String(index)).digest('hex').slice(0, 32);

/**
 * A profile whose app opens with `imageCount` labeled pictures in the light theme, in English.
 *
 * @param copies  different small copies
 */
export async function makeProfile(profile: string, imageCount: number, copies = copyCount): Promise<void> {
  mkdirSync(join(profile, 'cache'), { recursive: true });
  mkdirSync(join(profile, 'photos'));
  writeFileSync(join(profile, 'settings.json'), JSON.stringify({ language: 'en', theme: 'light', gentle: 'never' }));
  await makeCopies(join(profile, 'cache'), copies);
  makeRows(join(profile, 'library.labelwright'), join(profile, 'photos'), imageCount, copies);
}

/** The sample photos, each time another part of them in other colours. */
async function makeCopies(cacheFolder: string, copies: number): Promise<void> {
  const store = openThumbnailStore(cacheFolder);
  const random = seededRandom(1);
  const photos = await Promise.all(samplePhotos.map((photo) => readFile(photo)));
  const side = thumbnailSides.s;
  for (let index = 0; index < copies; index++) {
    const width = Math.round(side * (1 + random()));
    const jpeg = await sharp(photos[index % photos.length])
      .resize(width, width, { fit: 'cover' })
      .extract({ left: width - side, top: 0, width: side, height: Math.round(side * 0.75) })
      .modulate({ hue: Math.floor(random() * 360) })
      .jpeg({ quality: thumbnailQuality })
      .toBuffer();
    await store.put(hashOf(index), 's', jpeg);
  }
}

function makeRows(library: string, folder: string, imageCount: number, copies: number): void {
  using store = openStore(library);
  const { datasetId } = store.datasets.open([folder], `${imageCount.toLocaleString('en')} pictures`);
  const { db } = store;
  const sourceId = db.prepare('SELECT id FROM sources').pluck().get();
  const modelId = db.prepare(`INSERT INTO models (name, title, sha256) VALUES ('none', 'None', '0')`).run();
  const run = db
    .prepare(
      `INSERT INTO runs (dataset_id, model_id, top_k, settings, state, started_ms) VALUES (?, ?, ?, '{}', 'finished', 0)`,
    )
    .run(datasetId, modelId.lastInsertRowid, topK);
  const addCategory = db.prepare('INSERT INTO categories (dataset_id, name) VALUES (?, ?)');
  const addImage = db.prepare(`
    INSERT INTO images (dataset_id, source_id, path, name, size_bytes, modified_ms, content_hash, width, height, format,
      status, run_id, top_category_id, category_id, top_score, margin)
    VALUES (?, ?, ?, ?, 100000, ?, ?, 640, 480, 'jpeg', 'done', ?, ?, ?, ?, ?)`);
  const addPrediction = db.prepare('INSERT INTO predictions VALUES (?, ?, ?, ?, ?)');
  const random = seededRandom(2);
  db.transaction(() => {
    const categories = Array.from(
      { length: labelCount },
      (_, index) => addCategory.run(datasetId, `label ${index}`).lastInsertRowid,
    );
    for (let index = 0; index < imageCount; index++) {
      const name = `${String(index).padStart(7, '0')}.jpg`;
      const first = Math.floor(random() * labelCount);
      const category = categories[first]!;
      const score = random();
      const path = `${Math.floor(index / 1000)}/${name}`;
      const places = [category, category, score, score * random()];
      const hash = hashOf(index % copies);
      const added = addImage.run(datasetId, sourceId, path, name, index, hash, run.lastInsertRowid, ...places);
      for (let rank = 1; rank <= topK; rank++) {
        const predicted = categories[(first + 7 * (rank - 1)) % labelCount];
        addPrediction.run(run.lastInsertRowid, added.lastInsertRowid, rank, predicted, score / rank);
      }
    }
  })();
}
