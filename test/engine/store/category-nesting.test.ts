import { expect, test } from 'vitest';
import { placedSql, type NestedLabel } from '../../../electron/engine/store/category-nesting.ts';
import type { Store } from '../../../electron/engine/store/store.ts';
import { openTestStore, queryPlan } from '../../support/library.ts';

function emptyLibrary(): { store: Store; datasetId: number } {
  const store = openTestStore();
  return { store, datasetId: store.datasets.open(['/photos'], 'Photos').datasetId };
}

const label = (name: string, ...path: string[]): NestedLabel => ({ name, supercategory: '', wordnetId: null, path });

/** Of each category its parents from the root down; those that only group in brackets. */
function tree({ categories }: Store, datasetId: number): Record<string, string> {
  const all = new Map(categories.list(datasetId).map((category) => [category.id, category]));
  const path = (id: number | null): string => {
    const category = id === null ? undefined : all.get(id);
    return category ? `${path(category.parentId)}/${category.name}` : '';
  };
  return Object.fromEntries(
    [...all.values()].map(({ name, parentId, grouping }) => [name, `${path(parentId)}${grouping ? ' ()' : ''}`]),
  );
}

test('labels come below their parents, which only group', () => {
  const { store, datasetId } = emptyLibrary();
  const labels = [label('husky', 'animal', 'dog'), label('tabby', 'animal', 'cat'), label('mug')];
  const ids = store.categories.ensureAll(datasetId, labels);

  expect(tree(store, datasetId)).toEqual({
    husky: '/animal/dog',
    tabby: '/animal/cat',
    mug: '',
    animal: ' ()',
    dog: '/animal ()',
    cat: '/animal ()',
  });
  expect(store.categories.ensureAll(datasetId, labels)).toEqual(ids);
  expect(store.categories.list(datasetId)).toHaveLength(6);
});

test('classes of ImageNet come below everyday parents', () => {
  const { store, datasetId } = emptyLibrary();
  const path = ['animal', 'mammal', 'dog'];
  store.categories.ensureAll(datasetId, [
    { name: 'golden retriever', supercategory: 'dog', wordnetId: 'n02099601', path },
  ]);
  expect(tree(store, datasetId)['golden retriever']).toMatch(/^\/animal\/.*dog/);
});

test('a category that only grouped and becomes a label is one', () => {
  const { store, datasetId } = emptyLibrary();
  store.categories.ensureAll(datasetId, [label('husky', 'animal', 'dog')]);
  store.categories.ensureAll(datasetId, [label('dog', 'animal')]);

  expect(tree(store, datasetId)).toEqual({ husky: '/animal/dog', dog: '/animal', animal: ' ()' });
});

test('what a person placed stays, at the top too', async () => {
  const { store, datasetId } = emptyLibrary();
  const labels = [label('husky', 'animal', 'dog'), label('tabby', 'animal', 'cat')];
  const [husky, tabby] = store.categories.ensureAll(datasetId, labels) as [number, number];
  await store.decisions.changeCategory(datasetId, husky, { parentId: null });
  await store.decisions.changeCategory(datasetId, tabby, { parentId: husky });
  store.categories.ensureAll(datasetId, labels);

  expect(tree(store, datasetId)).toMatchObject({ husky: '', tabby: '/husky' });
});

test('a parent that a person renamed or merged is found again', async () => {
  const { store, datasetId } = emptyLibrary();
  store.categories.ensureAll(datasetId, [label('husky', 'animal'), label('mug', 'thing')]);
  const idOf = (name: string) => store.categories.find(datasetId, name)!.id;
  await store.decisions.changeCategory(datasetId, idOf('animal'), { name: 'beast' });
  await store.decisions.mergeCategories(datasetId, [idOf('thing')], idOf('beast'));
  store.categories.ensureAll(datasetId, [label('tabby', 'animal'), label('cup', 'thing')]);

  expect(tree(store, datasetId)).toEqual({
    beast: ' ()',
    husky: '/beast',
    mug: '/beast',
    tabby: '/beast',
    cup: '/beast',
  });
});

test('labels that are above each other make no circle', () => {
  const { store, datasetId } = emptyLibrary();
  store.categories.ensureAll(datasetId, [label('dog', 'wolf'), label('wolf', 'dog')]);
  expect(tree(store, datasetId)).toEqual({ dog: '/wolf', wolf: '' });
});

test('categories of an older library get parents with the next run', () => {
  const { store, datasetId } = emptyLibrary();
  const [husky] = store.categories.ensureAll(datasetId, [label('husky')]);
  expect(store.categories.ensureAll(datasetId, [label('husky', 'dog')])).toEqual([husky]);
  expect(tree(store, datasetId)).toEqual({ husky: '/dog', dog: ' ()' });
});

test('the log is searched by dataset', () => {
  const { store, datasetId } = emptyLibrary();
  expect(queryPlan(store.db, placedSql, datasetId)).toContain('SEARCH decisions USING INDEX decisions_by_state');
});
