/**
 * @file `annotations.xml` of CVAT for images, 1.1 and older: each tag of a picture is a category. Shapes say where
 * something is and are passed over, and so is what stands in `meta`.
 *
 * Source of the format: CVAT's documentation, "XML annotation format". A tag that a model set has `source="auto"`; tags
 * of people silence those beside them. `score` is the attribute our own export writes.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileLabels } from '#core/label-import.ts';
import { picturesIn } from './folder-pictures.ts';
import { invalid } from './folder-text.ts';
import type { ImportEntry, Importer } from './importer.ts';
import { xmlElements } from './xml-elements.ts';

export const cvat: Importer = {
  id: 'cvat',
  title: 'CVAT for images 1.1',
  target: 'file',
  recognises({ isFolder, text }) {
    if (isFolder || !/^\s*<(?:\?xml\s|annotations\b|!--)/.test(text)) return 0;
    return /<annotations\b/.test(text) ? 0.95 : 0;
  },
  async *read({ path }, options): AsyncGenerator<ImportEntry> {
    const images = imageReader(path);
    const folder = join(dirname(path), 'images');
    const pictureAt = existsSync(folder) ? picturesIn(folder) : undefined;
    for await (const piece of xmlElements(path, images, (bytes) => options.onBytes(bytes))) {
      void piece;
      for (const entry of images.take()) {
        const picture = 'invalid' in entry ? undefined : await pictureAt?.(entry.file.replaceAll('\\', '/'));
        yield picture === undefined ? entry : { ...entry, picture };
      }
    }
  },
};

interface Tag {
  label: string;
  isAuto: boolean;
  score: number | null;
}

/** Collects pictures as their elements close. */
function imageReader(path: string) {
  let entries: ImportEntry[] = [];
  let imageCount = 0;
  const open: string[] = [];
  let image: { name: string | undefined; tags: Tag[]; place: string } | undefined;
  let tag: Tag | undefined;
  let scoreText: string | undefined;

  return {
    open(name: string, attributes: Readonly<Record<string, string>>): void {
      if (open.length === 0 && name !== 'annotations') throw invalid(path, `its first element is <${name}>`);
      if (open.length === 1 && name === 'track') throw invalid(path, 'it is CVAT for video; export CVAT for images');
      if (open.length === 1 && name === 'image') {
        image = { name: attributes['name'], tags: [], place: `image ${++imageCount}` };
      } else if (open.length === 2 && image && name === 'tag') {
        tag = { label: attributes['label'] ?? '', isAuto: attributes['source'] === 'auto', score: null };
        image.tags.push(tag);
      } else if (open.length === 3 && tag && name === 'attribute' && attributes['name'] === 'score') scoreText = '';
      open.push(name);
    },
    text(text: string): void {
      if (scoreText !== undefined) scoreText += text;
    },
    close(): void {
      open.pop();
      if (open.length === 3 && tag && scoreText !== undefined) {
        const score = scoreText.trim() === '' ? Number.NaN : Number(scoreText);
        if (score >= 0 && score <= 1) tag.score = score;
        scoreText = undefined;
      } else if (open.length === 2) tag = undefined;
      else if (open.length === 1 && image) {
        entries.push(entryOf(image));
        image = undefined;
      }
    },
    /** What was found since the last time. */
    take(): ImportEntry[] {
      const taken = entries;
      entries = [];
      return taken;
    },
  };
}

function entryOf({ name, tags, place }: { name: string | undefined; tags: Tag[]; place: string }): ImportEntry {
  if (!name) return { invalid: 'The image has no name', file: '', place };
  const byPeople = tags.filter(({ isAuto }) => !isAuto);
  const counted = byPeople.length > 0 ? byPeople : tags;
  const predicted = tags.length > 0 && byPeople.length === 0;
  const labels: FileLabels = {
    file: name,
    categories: [...new Set(counted.map(({ label }) => label))].filter((label) => label !== ''),
    review: null,
    predicted,
    score: predicted ? counted[0]!.score : null,
    place,
  };
  return labels;
}
