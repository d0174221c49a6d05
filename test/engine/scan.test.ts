import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scan } from '../../electron/engine/scan.ts';
import { readPicture } from '../../electron/engine/picture-file.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { openTestStore, temporaryFolder } from '../support/library.ts';

const photos = new URL('../fixtures/photos/', import.meta.url).pathname;

/** A folder with three sample photos, one of them deeper down, and a library that knows it. */
function photoFolder(): { folder: string; store: Store; datasetId: number; look: () => ReturnType<typeof scan> } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'trip/day 1'), { recursive: true });
  cpSync(join(photos, 'cat-chelsea.jpg'), join(folder, 'cat.jpg'));
  cpSync(join(photos, 'cup-of-coffee.jpg'), join(folder, 'cup.jpg'));
  cpSync(join(photos, 'temple-china.jpg'), join(folder, 'trip/day 1/temple.jpg'));
  const store = openTestStore();
  const { datasetId } = store.datasets.open([folder]);
  return { folder, store, datasetId, look: () => scan(store, datasetId, () => {}) };
}

function paths(store: Store): Record<string, string> {
  const rows = store.db.prepare<[], { path: string; status: string }>(`SELECT path, status FROM images ORDER BY path`);
  return Object.fromEntries(rows.all().map(({ path, status }) => [path, status]));
}

const idOf = (store: Store, path: string) =>
  store.db.prepare<[string], number>(`SELECT id FROM images WHERE path = ?`).pluck().get(path) as number;

/** What the run would do: the picture has a known content and a decision. */
async function decide(store: Store, datasetId: number, folder: string, path: string): Promise<number> {
  const id = idOf(store, path);
  store.images.setHash(id, (await readPicture(join(folder, path))).contentHash);
  await store.decisions.decide(datasetId, [id], { kind: 'label-name', name: 'mine' });
  return id;
}

const problems = (store: Store, datasetId: number) =>
  store.scanProblems
    .list(datasetId, 0, 100)
    .failures.map(({ path, code }) => `${path}: ${code}`)
    .sort();

test('pictures are found at any depth, by content where the name says nothing', async () => {
  const { folder, store, look } = photoFolder();
  cpSync(join(photos, 'deep-field.jpg'), join(folder, 'no-extension'));
  cpSync(join(photos, 'deep-field.jpg'), join(folder, 'misnamed.txt'));
  writeFileSync(join(folder, 'notes.txt'), 'not a picture');
  writeFileSync(join(folder, 'unknown'), 'not a picture');
  writeFileSync(join(folder, 'phone.heic'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));

  expect(await look()).toMatchObject({ found: 6, problems: 0, finished: true });
  expect(Object.keys(paths(store))).toEqual([
    'cat.jpg',
    'cup.jpg',
    'misnamed.txt',
    'no-extension',
    'phone.heic',
    'trip/day 1/temple.jpg',
  ]);
});

test('a second scan of the same folder changes nothing', async () => {
  const { store, look } = photoFolder();
  await look();
  const dump = () => store.db.prepare(`SELECT id, path, status, review FROM images ORDER BY id`).all();
  const before = dump();
  await look();

  expect(dump()).toEqual(before);
});

test('a moved and renamed picture keeps its decision', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  const id = await decide(store, datasetId, folder, 'cat.jpg');
  renameSync(join(folder, 'cat.jpg'), join(folder, 'trip/chelsea.jpg'));
  await look();

  expect(store.views.detail(id)).toMatchObject({ relativePath: 'trip/chelsea.jpg', label: 'mine', status: 'pending' });
  expect(paths(store)).not.toHaveProperty('cat.jpg');
  expect(store.datasets.counts(datasetId).imageCount).toBe(3);
});

test('a new file of equal size but other content is not taken for the missing one', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  const id = await decide(store, datasetId, folder, 'cat.jpg');
  const { bytes } = await readPicture(join(folder, 'cat.jpg'));
  rmSync(join(folder, 'cat.jpg'));
  bytes[bytes.length - 10]! ^= 1;
  writeFileSync(join(folder, 'other.jpg'), bytes);
  await look();

  expect(store.views.detail(id)).toMatchObject({ relativePath: 'cat.jpg', status: 'missing', label: 'mine' });
  expect(paths(store)['other.jpg']).toBe('pending');
});

test('a changed picture goes back into the queue, a touched one does not', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  const touched = await decide(store, datasetId, folder, 'cat.jpg');
  const changed = await decide(store, datasetId, folder, 'cup.jpg');
  store.db.exec(`UPDATE images SET status = 'done'`);
  utimesSync(join(folder, 'cat.jpg'), 1000, 1000);
  cpSync(join(photos, 'deep-field.jpg'), join(folder, 'cup.jpg'));
  await look();

  expect(store.views.detail(touched).status).toBe('done');
  expect(store.views.detail(changed)).toMatchObject({ status: 'pending', label: 'mine' });
});

test('a picture that comes back is as it was', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  const id = await decide(store, datasetId, folder, 'cat.jpg');
  rmSync(join(folder, 'cat.jpg'));
  await look();
  expect(store.views.detail(id).status).toBe('missing');
  cpSync(join(photos, 'cat-chelsea.jpg'), join(folder, 'cat.jpg'));
  await look();

  expect(store.views.detail(id)).toMatchObject({ status: 'pending', label: 'mine' });
});

test('a folder that is not there marks nothing as missing', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  renameSync(folder, `${folder}-away`);
  try {
    await look();
    expect(Object.values(paths(store))).toEqual(['pending', 'pending', 'pending']);
    expect(problems(store, datasetId)).toEqual([`${folder}: folder.missing`]);
    expect(store.datasets.sourceSummaries(datasetId)[0]!.reachable).toBe(false);
  } finally {
    renameSync(`${folder}-away`, folder);
  }
});

test('links: loops end, repeats are told, what leads out is not followed', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  const outside = temporaryFolder();
  cpSync(join(photos, 'deep-field.jpg'), join(outside, 'secret.jpg'));
  symlinkSync(folder, join(folder, 'trip/loop'));
  symlinkSync('self', join(folder, 'self'));
  symlinkSync(outside, join(folder, 'elsewhere'));
  symlinkSync(join(outside, 'secret.jpg'), join(folder, 'secret.jpg'));
  symlinkSync(join(folder, 'cat.jpg'), join(folder, 'same-cat.jpg'));

  expect((await look()).found).toBe(3);
  expect(problems(store, datasetId)).toEqual([
    'elsewhere: file.link-outside',
    'secret.jpg: file.link-outside',
    'self: folder.loop',
    'trip/loop: folder.loop',
  ]);
});

test('folders that overlap are read once', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  store.datasets.addSource(datasetId, join(folder, 'trip'));

  expect((await look()).found).toBe(3);
  expect(problems(store, datasetId)).toEqual(['.: folder.loop']);
});

test('a name that is not UTF-8 is listed with its reason', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  const name = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.jpg')]);
  writeFileSync(name, 'x');

  expect((await look()).found).toBe(3);
  expect(problems(store, datasetId)).toEqual([expect.stringMatching(/caf.*file\.bad-name/)]);
});

test('strange but valid names stay as they are', async () => {
  const names = [
    '=1+1.jpg',
    '-rf.jpg',
    'new\nline.jpg',
    'café.jpg',
    'cafe\u0301.jpg',
    '👩‍👧.jpg',
    '%2e%2e.jpg',
    'a;b"c.jpg',
  ];
  const { folder, store, look } = photoFolder();
  for (const name of names) cpSync(join(photos, 'cat-chelsea.jpg'), join(folder, name));
  await look();

  expect(Object.keys(paths(store))).toEqual(expect.arrayContaining(names));
});

test('what may not be read is counted with a reason', async () => {
  const { folder, store, datasetId, look } = photoFolder();
  await look();
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'trip'), 0);
  // Root may read everything, so look as somebody else.
  const root = process.getuid?.() === 0;
  if (root) process.seteuid!(65_534);
  try {
    await look();
  } finally {
    if (root) process.seteuid!(0);
    chmodSync(join(folder, 'trip'), 0o700);
  }

  expect(problems(store, datasetId)).toEqual(['trip: folder.unreadable']);
  expect(Object.values(paths(store))).not.toContain('missing');
});
