/** @file Everyday parents of ImageNet's classes: 'golden retriever' is a dog, a dog is an animal. */
import { imagenetBySynset } from '../models/import/imagenet.ts';
import { friendlyByName, friendlyByPath } from './friendly-table.ts';

/**
 * @param wordnetId  of one of the 1,000 classes of ImageNet-1k ('n02099601')
 * @returns          at most three parents from the root down, never empty; undefined for what is no such class
 */
export function friendlyParents(wordnetId: string): string[] | undefined {
  const label = imagenetBySynset().get(wordnetId);
  if (!label) return undefined;
  const chosen = friendlyByName.get(label.name) ?? byPath(label.path);
  // A class that is one of the everyday words itself is not below itself.
  return chosen?.split('/').filter((parent) => parent !== label.name);
}

/**
 * The parents a label gets as a category: everyday ones where its own are those of WordNet, else its own.
 *
 * @returns  from the root down, without the label itself
 */
export function categoryParents(label: { name: string; wordnetId: string | null; path: readonly string[] }): string[] {
  const known = label.wordnetId === null ? undefined : imagenetBySynset().get(label.wordnetId);
  const isWordnets = known && known.path.join('\n') === label.path.join('\n');
  const parents = isWordnets ? friendlyParents(label.wordnetId!)! : label.path;
  return parents.filter((parent, place) => parent !== label.name && parents.indexOf(parent) === place);
}

function byPath(path: readonly string[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const friendly = friendlyByPath[path.slice(0, length).join('/')];
    if (friendly !== undefined) return friendly;
  }
  return undefined;
}
