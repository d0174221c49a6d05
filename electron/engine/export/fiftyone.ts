/**
 * @file `labels.json` of FiftyOne's `FiftyOneImageClassificationDataset`: names of pictures without their extension,
 * each with one label, or with a list of them.
 *
 * Source of the format: FiftyOne's user guide on dataset formats. Two pictures whose names differ in nothing but the
 * extension are one to it, so the second is left out.
 */
import type { ExportRow } from '#core/export-options.ts';
import { isReviewed, type FileExporter } from './exporter.ts';
import { prefixOfFolder } from './folder-names.ts';
import { jsonEntries, jsonScore, jsonText } from './json-text.ts';

export const fiftyone: FileExporter = {
  id: 'fiftyone',
  title: 'FiftyOne labels.json',
  extension: 'json',
  target: 'file',
  absolutePaths: true,
  *write(source, { topK }) {
    const placeOf = new Map<number, number>();
    const names: string[] = [];
    for (const { id, name } of source.categories()) {
      placeOf.set(id, names.length);
      names.push(jsonText(name));
    }
    const prefixes = prefixOfFolder(source.folders);
    const seen = new Set<string>();

    function* labels() {
      let imageId: number | undefined;
      let key: string | undefined;
      let targets: string[] = [];
      let decided = 0;
      const entry = () => {
        if (key === undefined) return '';
        // A list says that there may be several; one label alone is read as such.
        const isList = targets.length > 1 || (decided === 0 && topK > 1);
        const value = targets.length === 0 ? 'null' : isList ? `[${targets.join(',')}]` : targets[0]!;
        return `${key}: ${value}`;
      };
      for (const row of source.rows()) {
        if (row.imageId !== imageId) {
          yield entry();
          imageId = row.imageId;
          targets = [];
          decided = 0;
          const stem = (prefixes.get(row.source) ?? '') + withoutExtension(row.fileName);
          key = seen.has(stem) ? undefined : jsonText(stem);
          if (key === undefined) {
            source.leaveOut(
              row,
              'Another picture has this name with another extension, which FiftyOne cannot tell apart',
            );
          }
          seen.add(stem);
        }
        const place = row.categoryId === null ? undefined : placeOf.get(row.categoryId);
        if (place === undefined) continue;
        if (row.origin === 'decision') decided++;
        targets.push(target(row, place));
      }
      yield entry();
    }

    yield* jsonEntries('{\n"classes": [', names, '],\n');
    yield* jsonEntries('"labels": {', labels(), '}\n}\n');
  },
};

function target({ score, origin, review }: ExportRow, place: number): string {
  const reviewed = isReviewed({ review });
  const confidence = score === null ? '' : `"confidence":${jsonScore(score)},`;
  return `{"label":${place},${confidence}"attributes":{"origin":${jsonText(origin ?? '')},"reviewed":${reviewed}}}`;
}

/** As Python's `os.path.splitext`: a name that begins with its only dot has no extension. */
function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/.][^/]*)\.[^/.]*$/, '');
}
