/** @file Other words a category is found by: WordNet's synonyms, common English ones, Simplified Chinese. */
import imagenet from '../models/labels/imagenet-1k.json' with { type: 'json' };
import imagenetZhCn from './imagenet-zh-cn.json' with { type: 'json' };
import namesZhCn from './names-zh-cn.json' with { type: 'json' };
import synonymsEn from './synonyms-en.json' with { type: 'json' };

interface Named {
  name: string;
  /** What a model calls it; null for a person's own. */
  label: string | null;
  wordnetId: string | null;
}

type Words = ReadonlyMap<string, readonly string[]>;

const ofName = (words: object): Words => new Map(Object.entries(words) as [string, string[]][]);
const english = ofName(synonymsEn);
/** Of everyday parents and of the labels of the bundled model. */
const chinese = ofName(namesZhCn);
/** Of classes of ImageNet; by id, because a name may mean two things ('crane', 'amphibian'). */
const chineseOfSynset: Words = new Map(imagenetZhCn.map((known) => [known.wordnetId, known.chinese]));
const chineseOfClass: Words = new Map(imagenetZhCn.map((known) => [known.name.toLowerCase(), known.chinese]));
let synonyms: Words | undefined;

/** @returns  each word once, without the name itself; what a model calls it first, so that a renamed one is still found */
export function categoryWords({ name, label, wordnetId }: Named): string[] {
  synonyms ??= new Map(imagenet.labels.map((known) => [known.wordnetId, [known.name, ...known.synonyms]]));
  const words = new Set(label === null ? [] : [label]);
  const ofSynset = wordnetId === null ? undefined : chineseOfSynset.get(wordnetId);
  for (const word of wordnetId === null ? [] : (synonyms.get(wordnetId) ?? [])) words.add(word);
  for (const called of [name, label ?? name].map((text) => text.toLowerCase())) {
    for (const word of english.get(called) ?? []) words.add(word);
    for (const word of ofSynset ?? chinese.get(called) ?? chineseOfClass.get(called) ?? []) words.add(word);
  }
  words.delete(name);
  return [...words];
}
