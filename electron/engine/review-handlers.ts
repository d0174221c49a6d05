/** @file Views, decisions and categories, as the contract has them. */
import type { Handlers } from '#contract/calls.ts';
import type { reviewCalls } from '#contract/review-calls.ts';
import { AppError } from '#core/errors.ts';
import { indexedSortKeys, type ImageSort } from '#core/image-filter.ts';
import type { Learner } from './learn/learner.ts';
import type { Store } from './store/store.ts';

const isIndexed = ({ key }: ImageSort) => (indexedSortKeys as readonly string[]).includes(key);

/** @param changed  what is shown of a dataset changed */
export function reviewHandlers(
  store: Store,
  learner: Learner,
  changed: (datasetId: number) => void,
): Handlers<keyof typeof reviewCalls> {
  async function decided<Result>(datasetId: number, work: Promise<Result>): Promise<Result> {
    const result = await work;
    changed(datasetId);
    learner.changed(datasetId);
    return result;
  }
  const missing = (): never => {
    throw new AppError('internal', 'Not built yet');
  };

  return {
    'categories.list': ({ datasetId }) => store.categories.list(datasetId),
    'categories.words': missing,
    'categories.create': missing,
    'categories.change': missing,
    'categories.merge': missing,
    'datasets.configure': missing,
    'rules.preview': missing,
    'rules.apply': missing,

    'view.open': async ({ datasetId, filter, sort }) => {
      if (isIndexed(sort)) return store.views.open(datasetId, filter, sort);
      const { viewId } = await store.views.open(datasetId, filter, { key: 'name', descending: false });
      return store.views.openFixed(await learner.order(datasetId, await store.views.ids(viewId), sort));
    },
    'view.rows': ({ viewId, from, count }) => store.views.rows(viewId, from, count),
    'view.locate': async ({ viewId, imageId }) => ({ index: await store.views.locate(viewId, imageId) }),
    'view.next-unreviewed': ({ viewId, from }) => store.views.nextUnreviewed(viewId, from),
    'image.get': ({ imageId }) => store.views.detail(imageId),

    'review.decide': async ({ datasetId, target, action }) => {
      const imageIds = 'viewId' in target ? await store.views.ids(target.viewId) : target.imageIds;
      return decided(datasetId, store.decisions.decide(datasetId, imageIds, action));
    },
    'review.undo': ({ datasetId }) => decided(datasetId, store.decisions.undo(datasetId)),
    'review.redo': ({ datasetId }) => decided(datasetId, store.decisions.redo(datasetId)),
  };
}
