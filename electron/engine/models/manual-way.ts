/** @file What a person does who has to carry the file over by hand. */
import { basename } from 'node:path';
import type { KnownWeights } from './catalogue/known-weights.ts';

export function manualWay({ id, url, preprocess, title }: KnownWeights): string {
  const file = basename(new URL(url).pathname);
  return (
    `By hand: fetch ${url} on a computer with a network, bring ${file} here, then “Add model…” in the app or ` +
    `\`labelwright models add ${file} --id ${id} --preprocess ${preprocess}\` makes it the model ${title}.`
  );
}
