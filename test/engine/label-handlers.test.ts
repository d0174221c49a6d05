/** What was decided comes back from every format: exported by the engine, cleared, and imported by the engine. */
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { defaultExportOptions, pathModes } from '../../electron/core/export-options.ts';
import { defaultImportOptions } from '../../electron/core/label-import.ts';
import { exporters } from '../../electron/engine/export/index.ts';
import { importers } from '../../electron/engine/import/index.ts';
import { ended, openTestEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';

/** Each picture looks different. */
const pictures: [folder: 'one' | 'two', path: string, categories: string[]][] = [
  ['one', 'plain.jpg', ['cat']],
  ['one', 'a/same.jpg', ['dog']],
  ['two', 'a/same.jpg', ['bird']],
  ['one', 'b/with space, and comma.jpg', ['grand père']],
  ['one', '=1+2.jpg', ['=SUM(A1:A2)']],
  ['one', '-dash "quoted".jpg', ['says "no", often']],
  ['two', 'cafe\u0301.jpg', ['caf\u00e9']],
  ['two', 'c/📷.jpg', ['写真 📷']],
  ['two', 'd/UPPER.JPG', ['Cat']],
  ['one', 'e/several.jpg', ['dog', 'bird']],
];

test('every format that is read gives back what was decided', { timeout: 300_000 }, async () => {
  const home = temporaryFolder();
  for (const [place, [folder, path]] of pictures.entries()) {
    const file = join(home, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    const create = {
      width: 40 + place,
      height: 30,
      channels: 3 as const,
      background: { r: place * 20, g: 90, b: 200 },
    };
    await writeFile(file, await sharp({ create }).jpeg().toBuffer());
  }
  const { call, until } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [join(home, 'one'), join(home, 'two')] });
  await call['run.start']({ datasetId, modelId: null, topK: 1 });
  await until(ended);
  // A head that is learned meanwhile would predict what was decided: then it counts as accepted, not as corrected.
  await call['datasets.configure']({ datasetId, multiLabel: true, learn: 'off' });
  const sort = { key: 'name', descending: false } as const;
  const { viewId, total } = await call['view.open']({ datasetId, filter: {}, sort });
  expect(total).toBe(pictures.length);
  const ids = (await call['view.rows']({ viewId, from: 0, count: total })).map(({ id }) => id);

  for (const imageId of ids) {
    const { relativePath, folder } = await call['image.get']({ imageId });
    const [, , names] = pictures.find(([source, path]) => path === relativePath && folder.endsWith(source))!;
    for (const name of names) {
      await call['review.decide']({
        datasetId,
        target: { imageIds: [imageId] },
        action: { kind: 'toggle-name', name },
      });
    }
  }
  async function decided(): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    for (const imageId of ids) {
      const { relativePath, review, annotations } = await call['image.get']({ imageId });
      const names = annotations.map(({ category }) => category).sort();
      all.set(`${imageId} ${relativePath}`, [review, ...names].join(' | '));
    }
    return all;
  }
  const before = await decided();
  const readable = new Set(importers.map(({ id }) => id));
  const lost: Record<string, string[]> = {};
  // Keywords lie in the pictures' own folders and have a test of their own.
  const written = exporters
    .filter(({ id, target }) => readable.has(id) && target !== 'photos')
    .flatMap((exporter) => pathModes.map((paths) => ({ ...exporter, format: exporter.id, paths })))
    .filter(({ absolutePaths, paths }) => absolutePaths || paths === 'relative');
  for (const { format, extension, paths } of written) {
    const path = join(home, paths, format + (extension && `.${extension}`));
    mkdirSync(dirname(path), { recursive: true });
    const options = { ...defaultExportOptions, include: 'decisions', onlyReviewed: true, paths } as const;
    await call['export.write']({ datasetId, format, options, path });
    if (paths === 'absolute' && format !== 'parquet') {
      expect(await readFile(path, 'utf8'), format).toContain(`${home}/one/a/same`);
    }
    await call['review.decide']({ datasetId, target: { imageIds: ids }, action: { kind: 'clear' } });
    const plan = await call['labels.open']({ datasetId, path, options: defaultImportOptions });
    expect(plan.format).toBe(format);
    expect(plan.problems.invalid, JSON.stringify(plan.firstProblems)).toBe(0);
    await call['labels.import']({ importId: plan.importId, conflicts: 'keep' });
    const after = await decided();
    lost[`${format} ${paths}`] = [...before]
      .filter(([key, state]) => after.get(key) !== state)
      .map(([key, state]) => `${key}: ${state} -> ${after.get(key)}`);
    // The import, and the clearing before it.
    await call['review.undo']({ datasetId });
    await call['review.undo']({ datasetId });
    expect(await decided()).toEqual(before);
  }
  expect(lost).toEqual(Object.fromEntries(Object.keys(lost).map((format) => [format, []])));
  expect(Object.keys(lost).length).toBeGreaterThanOrEqual(19);
});

test('an import that is put away, or is none, is known no more', async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, 'photos'));
  const { call } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [join(home, 'photos')] });
  const path = join(home, 'labels.csv');
  await writeFile(path, 'file,label\na.jpg,cat\n');
  const open = () => call['labels.open']({ datasetId, path, options: defaultImportOptions });
  const { importId } = await open();
  await call['labels.discard']({ importId });
  await expect(call['labels.import']({ importId, conflicts: 'keep' })).rejects.toMatchObject({ code: 'not-found' });

  const older = await open();
  const newer = await open();
  await expect(call['labels.plan']({ importId: older.importId, options: defaultImportOptions })).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(await call['labels.plan']({ importId: newer.importId, options: defaultImportOptions })).toMatchObject({
    problems: { unmatched: 1 },
  });

  await writeFile(path, 'no table of labels at all');
  await expect(open()).rejects.toMatchObject({ code: 'input.invalid' });
});
