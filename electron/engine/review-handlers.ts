/** @file Views, decisions and categories, as the contract has them. */
import type { Handlers } from '#contract/calls.ts';
import type { reviewCalls } from '#contract/review-calls.ts';
import { indexedSortKeys, type ImageSort } from '#core/image-filter.ts';
import type { Learner } from './learn/learner.ts';
import { applyRules, ruledPictures } from './rules.ts';
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

  return {
    'categories.list': ({ datasetId }) => store.categories.list(datasetId),
    'categories.words': ({ datasetId }) => store.categories.words(datasetId),
    'categories.create': async ({ datasetId, name, parentId }) => {
      store.datasets.get(datasetId);
      return { categoryId: await decided(datasetId, store.decisions.createCategory(datasetId, name, parentId)) };
    },
    'categories.change': ({ datasetId, categoryId, patch }) =>
      decided(datasetId, store.decisions.changeCategory(datasetId, categoryId, patch)),
    'categories.merge': ({ datasetId, fromIds, intoId }) =>
      decided(datasetId, store.decisions.mergeCategories(datasetId, fromIds, intoId)),

    'datasets.configure': ({ datasetId, multiLabel, learn, rules }) => {
      const way = store.datasets.way(datasetId);
      for (const { categoryId } of rules ?? []) if (categoryId !== null) store.categories.get(datasetId, categoryId);
      store.datasets.setWay(datasetId, {
        multiLabel: multiLabel ?? way.multiLabel,
        learn: learn ?? way.learn,
        held: learn === undefined && way.held,
        rules: rules ?? way.rules,
      });
      changed(datasetId);
      learner.changed(datasetId);
    },
    'rules.preview': async ({ datasetId }) => {
      const { unsure, skipped } = await ruledPictures(store, datasetId, store.datasets.way(datasetId).rules);
      return { changed: unsure.length + skipped.length };
    },
    'rules.apply': ({ datasetId }) => decided(datasetId, applyRules(store, datasetId)),

    'view.open': async ({ datasetId, filter, sort }) => {
      if (isIndexed(sort)) return store.views.open(datasetId, filter, sort);
      return store.views.openFixed(await learner.order(datasetId, await store.views.find(datasetId, filter), sort));
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
