/**
 * @file Tasks of Label Studio: what a model proposed as predictions, what a person decided as annotations.
 *
 * Source of the format: Label Studio's guides on tasks, predictions and local files. A picture is named as its local
 * storage names it, below the folder that holds the chosen one (`LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT`).
 * The file beside it is the configuration of the project the tasks belong to.
 */
import type { ExportRow } from '#core/export-options.ts';
import type { FileExporter, ExportSource } from './exporter.ts';
import { namesOfFolders } from './folder-names.ts';
import { jsonEntries, jsonScore, jsonText } from './json-text.ts';
import { xmlText } from './xml-text.ts';

export const labelStudio: FileExporter = {
  id: 'label-studio',
  title: 'Label Studio tasks',
  extension: 'json',
  target: 'file',
  absolutePaths: false,
  *write(source) {
    const folders = namesOfFolders(source.folders);
    function* tasks() {
      let imageId: number | undefined;
      let rows: ExportRow[] = [];
      for (const row of source.rows()) {
        if (row.imageId !== imageId) {
          yield rows.length > 0 ? task(rows, folders) : '';
          imageId = row.imageId;
          rows = [];
        }
        rows.push(row);
      }
      yield rows.length > 0 ? task(rows, folders) : '';
    }
    yield* jsonEntries('[', tasks(), ']\n');
  },
  companion: (source) => ({ extension: 'config.xml', text: labelingConfig(source) }),
};

/** XML for the project's *Labeling Interface*. */
function labelingConfig(source: ExportSource): string {
  const choices = [...source.categories()]
    .map(({ name }) => `    <Choice value="${xmlText(name.toWellFormed())}"/>\n`)
    .join('');
  return `<View>\n  <Image name="image" value="$image"/>\n  <Choices name="label" toName="image" choice="multiple">\n${choices}  </Choices>\n</View>\n`;
}

function task(rows: readonly ExportRow[], folders: ReadonlyMap<string, string>): string {
  const { source, fileName, review } = rows[0]!;
  const path = `${folders.get(source) ?? ''}${fileName}`.toWellFormed();
  // What a query cannot carry as it is; slashes stay readable.
  const address = `/data/local-files/?d=${encodeURIComponent(path).replaceAll('%2F', '/')}`;
  const data = `"data":{"image":${jsonText(address)},"file_name":${jsonText(fileName)},"review":${jsonText(review)}}`;
  const decided = rows.filter(({ origin }) => origin === 'decision');
  const predicted = rows.filter(({ origin }) => origin === 'prediction');
  // A prediction each, because Label Studio sorts by the score of a prediction, not of a choice.
  const predictions = predicted.map(
    (row) => `{"model_version":"labelwright","score":${jsonScore(row.score ?? 0)},"result":[${result([row])}]}`,
  );
  const annotations = decided.length > 0 ? [`{"result":[${result(decided)}]}`] : [];
  return `{${data},"predictions":[${predictions.join(',')}],"annotations":[${annotations.join(',')}]}`;
}

function result(rows: readonly ExportRow[]): string {
  const choices = rows.map(({ label }) => jsonText(label)).join(',');
  return `{"from_name":"label","to_name":"image","type":"choices","value":{"choices":[${choices}]}}`;
}
