import { expect, test } from 'vitest';
import { imagenetLabels } from '../../../electron/engine/models/import/imagenet.ts';
import { categoryParents, friendlyParents } from '../../../electron/engine/taxonomy/friendly-parents.ts';

const roots = ['animal', 'food', 'fungus', 'object', 'person', 'plant', 'scene', 'structure', 'vehicle'];

test('a golden retriever is a dog, and a dog is an animal', () => {
  expect(friendlyParents('n02099601')).toEqual(['animal', 'dog']);
});

test('every class of ImageNet has one to three everyday parents below one of few roots', () => {
  const labels = imagenetLabels();
  const paths = labels.map(({ wordnetId }) => friendlyParents(wordnetId!) ?? []);

  expect(labels.filter((_, place) => paths[place]!.length < 1 || paths[place]!.length > 3)).toEqual([]);
  expect([...new Set(paths.map(([root]) => root))].toSorted()).toEqual(roots);
  expect(labels.filter(({ name }, place) => paths[place]!.includes(name))).toEqual([]);
});

test('what is no class of ImageNet has no everyday parents', () => {
  expect(friendlyParents('n00000000')).toBeUndefined();
});

test('a label keeps the parents its model gives it, unless they are those of WordNet', () => {
  const own = { name: 'koala', wordnetId: 'n01882714', path: ['animal', 'zoo'] };
  const wordnets = imagenetLabels().find(({ name }) => name === 'koala')!;

  expect(categoryParents(own)).toEqual(['animal', 'zoo']);
  expect(categoryParents(wordnets)).toEqual(['animal', 'mammal', 'marsupial']);
});

test('a label is not its own parent, nor twice below the same one', () => {
  expect(categoryParents({ name: 'person', wordnetId: null, path: ['person'] })).toEqual([]);
  expect(categoryParents({ name: 'dog', wordnetId: null, path: ['pet', 'pet'] })).toEqual(['pet']);
});

test('only classes that mean the same are also the parent of others', () => {
  const labels = imagenetLabels();
  const parents = new Set(labels.flatMap(({ wordnetId }) => friendlyParents(wordnetId!)!));

  expect(labels.map(({ name }) => name).filter((name) => parents.has(name))).toEqual(['mask', 'sunglasses']);
});
