import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExportRow } from '#core/export-options.ts';
import type { FileExporter } from '../../../electron/engine/export/exporter.ts';
import { anyRows, carried } from './any-rows.ts';
import { parseCoco } from './coco-rules.ts';
import { categories, dataOptions, exportSource, fileExporter, mixedRows, row } from './source.ts';

function written(exporter: FileExporter, rows: ExportRow[] = mixedRows) {
  const leftOut = new Map<number, string>();
  const source = exportSource(rows, { leaveOut: ({ imageId }, reason) => leftOut.set(imageId, reason) });
  return { text: [...exporter.write(source, dataOptions)].join(''), leftOut, source };
}

const labelName = (id: number | null) => categories.find((category) => category.id === id)?.name;

test.each([
  ['jsonl', 'mixed.jsonl'],
  ['coco-results', 'mixed.coco-results.json'],
  ['fiftyone', 'mixed.fiftyone.json'],
  ['label-studio', 'mixed.label-studio.json'],
])('%s gives the golden file', async (format, file) => {
  await expect(written(fileExporter(format)).text).toMatchFileSnapshot(`../../fixtures/golden/${file}`);
});

test('JSON Lines carry every picture with all its labels, whatever they are called', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { text } = written(fileExporter('jsonl'), rows);
      const lines = text.split('\n').slice(0, -1);
      const pictures = lines.map((line) => JSON.parse(line) as { file_name: string; labels: { label: string }[] });
      const expected = Map.groupBy(rows, ({ imageId }) => imageId);
      expect(pictures.map(({ file_name }) => file_name)).toEqual(
        [...expected.values()].map(([first]) => carried(first!.fileName)),
      );
      expect(pictures.map(({ labels }) => labels.map(({ label }) => label))).toEqual(
        [...expected.values()].map((group) => group.filter((one) => one.categoryId !== null).map((one) => one.label)),
      );
    }),
  );
});

test('COCO results name the pictures and categories of the COCO file of the same rows', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const file = parseCoco(written(fileExporter('coco'), rows).text);
      const results = JSON.parse(written(fileExporter('coco-results'), rows).text) as Record<string, unknown>[];
      expect(results.map(({ image_id, category_id, bbox }) => ({ image_id, category_id, bbox }))).toEqual(
        file.annotations.map(({ image_id, category_id, bbox }) => ({ image_id, category_id, bbox })),
      );
    }),
  );
});

interface FiftyOneTarget {
  label: number;
  confidence?: number;
}
interface FiftyOneFile {
  classes: string[];
  labels: Record<string, FiftyOneTarget | FiftyOneTarget[] | null>;
}

test('FiftyOne finds each picture by its name without the extension', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { text, leftOut } = written(fileExporter('fiftyone'), rows);
      const { classes, labels } = JSON.parse(text) as FiftyOneFile;
      const pictures = [...Map.groupBy(rows, ({ imageId }) => imageId).values()];
      const kept = pictures.filter(([first]) => !leftOut.has(first!.imageId));
      // An object keeps keys like '7' apart from the others, so their order says nothing.
      expect(Object.keys(labels)).toHaveLength(kept.length);
      const named = Object.values(labels).flatMap((value) => (Array.isArray(value) ? value : value ? [value] : []));
      expect(named.map(({ label }) => classes[label]).toSorted()).toEqual(
        kept.flatMap((group) => group.flatMap(({ categoryId }) => labelName(categoryId) ?? [])).toSorted(),
      );
    }),
  );
});

test('of two pictures that differ by their extension alone, FiftyOne gets the first and the second is named', () => {
  const rows = [
    row({ imageId: 1, fileName: 'walk/a.jpg', categoryId: 7, label: 'dog', score: 0.5, rank: 1, origin: 'prediction' }),
    row({ imageId: 2, fileName: 'walk/a.png' }),
    row({ imageId: 3, fileName: 'walk.1/.hidden' }),
  ];
  const { text, leftOut } = written(fileExporter('fiftyone'), rows);
  expect(Object.keys((JSON.parse(text) as FiftyOneFile).labels)).toEqual(['walk/a', 'walk.1/.hidden']);
  expect([...leftOut.keys()]).toEqual([2]);
});

test('FiftyOne gets a list only where there can be several labels', () => {
  const labeled = row({ categoryId: 7, label: 'dog', score: 0.5, rank: 1, origin: 'prediction' });
  const labels = (topK: number, rows: ExportRow[]) => {
    const text = [...fileExporter('fiftyone').write(exportSource(rows), { ...dataOptions, topK })].join('');
    return Object.values((JSON.parse(text) as FiftyOneFile).labels)[0];
  };
  expect(labels(1, [labeled])).not.toBeInstanceOf(Array);
  expect(labels(2, [labeled])).toBeInstanceOf(Array);
  expect(labels(1, [{ ...labeled, origin: 'decision', score: null }])).not.toBeInstanceOf(Array);
  expect(labels(1, [row({})])).toBeNull();
});

interface Task {
  data: { image: string };
  predictions: { score: number; result: { value: { choices: string[] } }[] }[];
  annotations: { result: { from_name: string; value: { choices: string[] } }[] }[];
}

test('Label Studio gets decisions as annotations and predictions as predictions', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const tasks = JSON.parse(written(fileExporter('label-studio'), rows).text) as Task[];
      const pictures = [...Map.groupBy(rows, ({ imageId }) => imageId).values()];
      const names = (origin: string) =>
        pictures.map((group) => group.filter((one) => one.origin === origin).map(({ label }) => label));
      const choices = (result: { value: { choices: string[] } }[]) => result.flatMap(({ value }) => value.choices);
      expect(tasks.map(({ predictions }) => predictions.flatMap(({ result }) => choices(result)))).toEqual(
        names('prediction'),
      );
      expect(tasks.map(({ annotations }) => annotations.flatMap(({ result }) => choices(result)))).toEqual(
        names('decision'),
      );
      for (const [index, { data }] of tasks.entries()) {
        const path = new URL(data.image, 'http://localhost').searchParams.get('d')!;
        expect(path.endsWith(carried(pictures[index]![0]!.fileName))).toBe(true);
      }
    }),
  );
});

test('the configuration beside the tasks names every category as a choice of the same control', () => {
  const { source, text } = written(fileExporter('label-studio'));
  const companion = fileExporter('label-studio').companion!(source);
  expect(companion.extension).toBe('config.xml');
  expect(companion.text).toContain('<Choice value="dog"/>');
  expect(companion.text).toContain('<Choice value="=sum, &#34;the&#34; cat"/>');
  const [task] = JSON.parse(text) as Task[];
  expect(companion.text).toContain(`<Choices name="${task!.predictions.length > 0 ? 'label' : ''}" toName="image"`);
});
