import { expect, test } from 'vitest';
import { ranker } from '../../../electron/engine/inference/classify.ts';
import { imagenetLabels } from '../../../electron/engine/models/import/imagenet.ts';
import type { InstalledModel } from '../../../electron/engine/models/manifest.ts';

test('an unsure class of ImageNet says what it belongs to in everyday words', () => {
  const labels = imagenetLabels();
  const dogs = labels.flatMap(({ name }, place) => (/terrier$/.test(name) ? [place] : []));
  const scores = new Float32Array(labels.length);
  for (const place of dogs) scores[place] = 1 / dogs.length;
  const rank = ranker({ labels, manifest: { unsureBelow: 0.5 } } as InstalledModel);

  expect(rank({ scores, features: null }, 1).parent).toEqual({
    name: 'animal/dog',
    score: expect.closeTo(1, 5) as number,
  });
});
