import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { cvat } from '../../../electron/engine/export/cvat.ts';
import { carriedByXml, oddLabels, oddNames } from '../import/folder-trip.ts';
import { dataOptions, exportSource, mixedRows, row } from './source.ts';

const schema = readFileSync(join(import.meta.dirname, '../../fixtures/cvat-for-images.xsd'), 'utf8');

async function faults(contents: string) {
  const { errors } = await validateXML({ xml: [{ fileName: 'annotations.xml', contents }], schema: [schema] });
  return errors.map(({ message }) => message);
}

test('what is written for CVAT follows the schema of CVAT for images 1.1', async () => {
  expect(await faults([...cvat.write(exportSource(mixedRows), dataOptions)].join(''))).toEqual([]);
});

test('so it does with every odd name and label that XML can carry', async () => {
  const labels = oddLabels.filter(carriedByXml);
  const categories = labels.map((name, index) => ({ id: index + 1, name, supercategory: '' }));
  const rows = oddNames.map((fileName, index) => {
    const { id: categoryId, name: label } = categories[index % categories.length]!;
    return row({ imageId: index + 1, fileName, categoryId, label, rank: 1, origin: 'decision' });
  });
  expect(
    await faults([...cvat.write(exportSource(rows, { categories: () => categories }), dataOptions)].join('')),
  ).toEqual([]);
});

test('the schema finds a picture without a size and a tag of an unknown label', async () => {
  const text = [...cvat.write(exportSource(mixedRows), dataOptions)].join('');
  expect(await faults(text.replace('width="640" ', ''))).toHaveLength(1);
  expect(await faults(text.replace('<tag label="dog"', '<tag label="fox"'))).toHaveLength(1);
});
