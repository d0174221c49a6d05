import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultExportOptions } from '../../electron/core/export-options.ts';
import { ended, openTestEngine, photosFolder } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';

const photos = readdirSync(photosFolder).filter((name) => name.endsWith('.jpg'));

/** A folder of `count` pictures: the samples over and over under other names. */
function manyPhotos(count: number): string {
  const folder = temporaryFolder();
  for (let index = 0; index < count; index++) {
    cpSync(join(photosFolder, photos[index % photos.length]!), join(folder, `${String(index).padStart(4, '0')}.jpg`));
  }
  return folder;
}

const all = { filter: {}, sort: { key: 'name', descending: false } } as const;

test('a folder goes in and labels come out', async () => {
  const { call, until } = await openTestEngine();
  const { datasetId, created } = await call['datasets.open']({ folders: [photosFolder] });
  const { runId } = await call['run.start']({ datasetId, modelId: null, topK: 5 });
  const last = await until(ended);

  expect(created).toBe(true);
  expect(last).toMatchObject({ runId, state: 'finished', done: 8, failed: 0, total: 8 });
  const { viewId, total } = await call['view.open']({ datasetId, ...all });
  expect(total).toBe(8);
  const rows = await call['view.rows']({ viewId, from: 0, count: 8 });
  const coffee = rows.find(({ name }) => name === 'cup-of-coffee.jpg')!;
  expect(coffee).toMatchObject({ status: 'done', label: 'coffee', review: 'unreviewed' });
  expect(coffee.score).toBeGreaterThan(0.9);
  const detail = await call['image.get']({ imageId: coffee.id });
  expect(detail.predictions).toHaveLength(5);
  expect(detail).toMatchObject({ width: 600, height: 400, format: 'jpeg', relativePath: 'cup-of-coffee.jpg' });
});

test('broken and foreign files are counted with their reasons and stop nothing', async () => {
  const folder = manyPhotos(4);
  writeFileSync(join(folder, 'empty.jpg'), '');
  writeFileSync(join(folder, 'text.png'), 'hello');
  writeFileSync(join(folder, 'cut.jpg'), readFileSync(join(folder, '0000.jpg')).subarray(0, 9000));
  writeFileSync(join(folder, 'phone.heic'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  const { call, until } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [folder] });
  await call['run.start']({ datasetId, modelId: null, topK: 1 });

  expect(await until(ended)).toMatchObject({ state: 'finished', done: 8, failed: 4 });
  const { total, failures } = await call['failures.list']({ datasetId, offset: 0, limit: 10 });
  expect(total).toBe(4);
  expect(Object.fromEntries(failures.map(({ path, code }) => [path, code]))).toEqual({
    'empty.jpg': 'image.unreadable',
    'text.png': 'image.unreadable',
    'cut.jpg': 'image.damaged',
    'phone.heic': 'image.unsupported',
  });
  for (const { message } of failures) expect(message).toMatch(/\w+ \w+/);
});

test('a run can be paused and goes on where it was', async () => {
  const { call, until } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [manyPhotos(200)] });
  const { runId } = await call['run.start']({ datasetId, modelId: null, topK: 1 });
  await until(({ done }) => done > 0);
  await call['run.pause']({ datasetId });
  const paused = await until(({ state }) => state === 'paused');

  expect(paused.done).toBeLessThan(200);
  const [summary] = await call['datasets.list']({});
  expect(summary).toMatchObject({ byStatus: { done: paused.done }, run: { state: 'paused' } });
  await call['run.resume']({ datasetId });
  expect(await until(ended)).toMatchObject({ runId, state: 'finished', done: 200 });
});

test('a cancelled run keeps what it has, and the next start finishes it', async () => {
  const { call, until, events } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [manyPhotos(200)] });
  const { runId } = await call['run.start']({ datasetId, modelId: null, topK: 1 });
  await until(({ done }) => done > 0);
  await call['run.cancel']({ datasetId });
  const cancelled = await until(ended);
  expect(cancelled.state).toBe('cancelled');
  const [summary] = await call['datasets.list']({});
  expect(summary!.byStatus.done).toBe(cancelled.done);

  events.length = 0;
  expect(await call['run.start']({ datasetId, modelId: null, topK: 1 })).toEqual({ runId });
  expect(await until(ended)).toMatchObject({ state: 'finished', done: 200 - cancelled.done });
});

test('asking for more predictions labels again, asking for as many or fewer does not', async () => {
  const { call, until, events } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  const labeledBy = async (topK: number) => {
    events.length = 0;
    await call['run.start']({ datasetId, modelId: null, topK });
    return (await until(ended)).done;
  };

  expect(await labeledBy(2)).toBe(8);
  expect(await labeledBy(2)).toBe(0);
  expect(await labeledBy(1)).toBe(0);
  expect(await labeledBy(4)).toBe(8);
  const { viewId } = await call['view.open']({ datasetId, ...all });
  const [row] = await call['view.rows']({ viewId, from: 0, count: 1 });
  expect((await call['image.get']({ imageId: row!.id })).predictions).toHaveLength(4);
});

test('an engine that is closed in the middle goes on after the next start', async () => {
  const libraryPath = join(temporaryFolder(), 'a.labelwright');
  const first = await openTestEngine(libraryPath);
  const { datasetId } = await first.call['datasets.open']({ folders: [manyPhotos(120)] });
  await first.call['run.start']({ datasetId, modelId: null, topK: 1 });
  await first.until(({ done }) => done > 0);
  await first.close();

  const second = await openTestEngine(libraryPath);
  const [shown] = await second.call['datasets.list']({});
  expect(shown!.run).toMatchObject({ state: 'paused' });
  await second.call['run.resume']({ datasetId });
  expect(await second.until(ended)).toMatchObject({ state: 'finished' });
  const [summary] = await second.call['datasets.list']({});
  expect(summary!.byStatus).toEqual({ pending: 0, done: 120, failed: 0, missing: 0 });
});

test('a folder that goes away pauses the run and marks nothing as missing', async () => {
  const folder = manyPhotos(160);
  const { call, until } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [folder] });
  await call['run.start']({ datasetId, modelId: null, topK: 1 });
  await until(({ done }) => done > 0);
  renameSync(folder, `${folder}-away`);
  const paused = await until(({ state }) => state === 'paused');
  const [during] = await call['datasets.list']({});
  renameSync(`${folder}-away`, folder);

  expect(paused.reason).toBe('folder.missing');
  expect(during!.byStatus).toMatchObject({ missing: 0, failed: 0 });
  expect(await until(ended)).toMatchObject({ state: 'finished', failed: 0 });
});

test('the same folders are the same dataset', async () => {
  const { call } = await openTestEngine();
  const [a, b] = [manyPhotos(1), manyPhotos(1)];
  const first = await call['datasets.open']({ folders: [a, b] });

  expect(await call['datasets.open']({ folders: [b, a, b] })).toEqual({ ...first, created: false });
  expect((await call['datasets.open']({ folders: [a] })).created).toBe(true);
  await expect(call['datasets.open']({ folders: [join(a, '0000.jpg')] })).rejects.toMatchObject({
    code: 'folder.missing',
  });
});

test('thumbnails come by token only', async () => {
  const { call } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  await call['scan.start']({ datasetId });
  let rows: Awaited<ReturnType<(typeof call)['view.rows']>> = [];
  while (rows.length < 8) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { viewId } = await call['view.open']({ datasetId, ...all });
    rows = await call['view.rows']({ viewId, from: 0, count: 8 });
  }
  const made = await call['thumbnail.get']({ token: rows[0]!.token, size: 's' });

  expect(existsSync(made.path)).toBe(true);
  await expect(call['thumbnail.get']({ token: '0'.repeat(32), size: 's' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('an export holds corrections, and the photos are untouched', async () => {
  const folder = manyPhotos(8);
  const before = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('base64'));
  const { call, until } = await openTestEngine();
  const { datasetId } = await call['datasets.open']({ folders: [folder] });
  await call['run.start']({ datasetId, modelId: null, topK: 5 });
  await until(ended);
  const { viewId } = await call['view.open']({ datasetId, ...all });
  const [first] = await call['view.rows']({ viewId, from: 0, count: 1 });
  const action = { kind: 'label-name', name: 'my cat' } as const;
  await call['review.decide']({ datasetId, target: { imageIds: [first!.id] }, action });
  const out = temporaryFolder();
  mkdirSync(join(out, 'labels'));
  const path = join(out, 'labels', 'a.csv');
  const written = await call['export.write']({ datasetId, format: 'csv', options: defaultExportOptions, path });

  expect(written.rowCount).toBe(8);
  expect(readFileSync(path, 'utf8')).toContain('corrected,my cat,');
  expect(readdirSync(join(out, 'labels'))).toEqual(['a.csv']);
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('base64'))).toEqual(before);
  expect(await call['library.check']({})).toEqual({ ok: true, problems: [] });
});
