import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunProgress } from '../../electron/core/run.ts';
import { openEngine } from '../../electron/host/engine-process.ts';
import { modelsFolder, photosFolder } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';

test('a picture that crashes the decoder is put aside, every other one gets its label', async () => {
  const folder = temporaryFolder();
  const photos = readdirSync(photosFolder).filter((name) => name.endsWith('.jpg'));
  for (let index = 0; index < 60; index++) {
    cpSync(join(photosFolder, photos[index % photos.length]!), join(folder, `${String(index).padStart(2, '0')}.jpg`));
  }
  cpSync(join(photosFolder, photos[0]!), join(folder, 'killer.jpg'));
  const data = temporaryFolder();
  const engine = await openEngine({
    nodePath: process.execPath,
    entry: new URL('../support/crashing-engine.ts', import.meta.url).pathname,
    libraryPath: join(data, 'a.labelwright'),
    cachePath: join(data, 'cache'),
    modelsPaths: [modelsFolder],
  });
  onTestFinished(() => engine[Symbol.asyncDispose]());
  const restarts: number[] = [];
  let diedAt = 0;
  engine.on('engine.state', ({ state }) => {
    if (state === 'restarting') diedAt = performance.now();
    if (state === 'ready') restarts.push(performance.now() - diedAt);
  });
  const finished = new Promise<RunProgress>((resolve) => {
    engine.on('run.progress', (progress) => {
      if (progress.state === 'finished') resolve(progress);
    });
  });
  const { datasetId } = await engine.call('datasets.open', { folders: [folder] });
  // The crash may come before the answer does; the run goes on by itself all the same.
  await engine.call('run.start', { datasetId, modelId: null, topK: 1 }).catch(() => {});
  await finished;

  const [dataset] = await engine.call('datasets.list', {});
  expect(dataset!.byStatus).toEqual({ pending: 0, done: 60, failed: 1, missing: 0 });
  const { failures } = await engine.call('failures.list', { datasetId, offset: 0, limit: 10 });
  expect(failures).toMatchObject([{ path: 'killer.jpg', code: 'image.crashed' }]);
  expect(restarts).toHaveLength(2);
  expect(await engine.call('library.check', {})).toEqual({ ok: true, problems: [] });
}, 90_000);
