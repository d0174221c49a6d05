/**
 * @file The list in every export that is a folder: which file was which picture, and what the format itself cannot say.
 *
 * One JSON object a line, in `labelwright-<format>.jsonl`. First the categories whose name had to change on the way into
 * the format, `{"category": <as written there>, "name": <as it is>}`; then every picture. The importer of the format
 * reads it, so that no file system's rules for names cost anything. Where somebody has moved or relabeled a picture
 * since, what the folder says holds, not the list.
 */
import type { Breath, FolderEntry } from './exporter.ts';
import { jsonScore, jsonText } from './json-text.ts';
import { linesOf, type PlacedPicture } from './pictures.ts';

export function pictureListName(format: string): string {
  return `labelwright-${format}.jsonl`;
}

/**
 * @param categories  name as the format writes it, and as it is
 * @param pictures    looked at only when the list is written
 */
export function pictureList(
  format: string,
  categories: Iterable<readonly [written: string, name: string]>,
  pictures: Iterable<PlacedPicture | Breath>,
): FolderEntry {
  return { path: pictureListName(format), text: lines(categories, pictures) };
}

function* lines(
  categories: Iterable<readonly [string, string]>,
  pictures: Iterable<PlacedPicture | Breath>,
): Generator<string> {
  for (const [written, name] of categories) {
    // Read back in another Unicode form, a folder's name would be another one's.
    if (written !== name || name !== name.normalize('NFC'))
      yield `{"category":${jsonText(written)},"name":${jsonText(name)}}\n`;
  }
  yield* linesOf(pictures, ({ path, row, labels }) => {
    const first = labels[0];
    const names = labels.map(({ label }) => jsonText(label)).join(',');
    const score = first?.score == null ? 'null' : jsonScore(first.score);
    const predicted = first?.origin === 'prediction';
    return `{"file":${jsonText(path)},"file_name":${jsonText(row.fileName)},"source":${jsonText(row.source)},"labels":[${names}],"review":${jsonText(row.review)},"predicted":${predicted},"score":${score}}\n`;
  });
}
