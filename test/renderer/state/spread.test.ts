import { expect, test } from 'vitest';
import type { ImageDetail } from '#core/image.ts';
import type { AppState } from '../../../renderer/state/app.svelte.ts';
import { Spread } from '../../../renderer/state/spread.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';

test('however many are nearly the same as a decided picture, all that are not reviewed yet are offered', async () => {
  const imageIds = Array.from({ length: 300 }, (_, at) => at + 2);
  const unreviewedIds = imageIds.filter((id) => id % 2 === 0);
  let annotations: Partial<ImageDetail['annotations'][number]>[] = [{ categoryId: 5, category: 'cup' }];
  fakeBridge({
    'image.duplicates': () => ({ imageIds, unreviewedIds }),
    'image.get': () => ({ annotations }) as ImageDetail,
  });
  const spread = new Spread({ library: { currentId: 7 } } as AppState);

  await spread.decided(1);
  expect(spread.offer).toEqual({ datasetId: 7, imageIds: unreviewedIds, categoryId: 5, category: 'cup' });
  // Several categories would be several steps of undo.
  annotations = [...annotations, { categoryId: 6, category: 'plate' }];
  await spread.decided(1);
  expect(spread.offer).toBeNull();
});
