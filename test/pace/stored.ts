/** @file What the library of the person who decides by keys holds: before, their own letter; afterwards, what came of every key. */
import type { ReviewState } from '#core/image.ts';
import { openStore } from '../../electron/engine/store/store.ts';
import { expectedOf, keptBack, ownCategory, ownLetter } from './strokes.ts';

export interface Stored {
  /** Pictures that are not what their keys said. */
  wrong: string[];
  /** Whether the log of what counts has the pictures in the order of the list, one step each. */
  inOrder: boolean;
}

/** Give the person's own letter to its category; before the app opens the library. */
export function learnLetter(library: string): void {
  using store = openStore(library);
  store.db.prepare('UPDATE categories SET hotkey = ? WHERE name = ?').run(ownLetter, ownCategory);
}

interface StoredPicture {
  id: number;
  name: string;
  review: ReviewState;
  labels: string;
  predictions: string;
}

/** Compare what the closed library holds with what the keys said. */
export function compare(library: string, count: number): Stored {
  using store = openStore(library);
  const pictures = store.db
    .prepare<[number], StoredPicture>(
      `SELECT id, name, review,
        (SELECT json_group_array(categories.name) FROM annotations JOIN categories ON categories.id = category_id
          WHERE image_id = images.id) AS labels,
        (SELECT json_group_array(name) FROM (SELECT categories.name FROM predictions
          JOIN categories ON categories.id = predictions.category_id
          WHERE predictions.run_id = images.run_id AND image_id = images.id ORDER BY rank)) AS predictions
      FROM images ORDER BY name LIMIT ?`,
    )
    .all(count);
  const wrong = pictures.flatMap((picture, index) => {
    const expected = expectedOf(index, count);
    const predictions = JSON.parse(picture.predictions) as string[];
    const label = expected.label(predictions);
    // A digit or letter may happen to mean what the model says.
    const review = label === predictions[0] ? 'accepted' : expected.review;
    const labels = JSON.stringify(label === null ? [] : [label]);
    if (picture.review === review && picture.labels === labels) return [];
    return [`${index} ${picture.name}: ${picture.review} ${picture.labels} instead of ${review} ${labels}`];
  });
  const logged = store.db
    .prepare<[], number>(
      `SELECT image_id FROM decision_images JOIN decisions USING (sequence) WHERE state = 'done' AND kind <> 'flag'
       ORDER BY sequence, image_id`,
    )
    .pluck()
    .all();
  const decided = pictures.slice(0, count - keptBack).map(({ id }) => id);
  return { wrong, inOrder: JSON.stringify(logged) === JSON.stringify(decided) };
}
