/** @file What the app says in English; each screen has a file of its own. */
import { catalogue } from './en/catalogue.ts';
import { categories } from './en/categories.ts';
import { compare } from './en/compare.ts';
import { errors } from './en/errors.ts';
import { exporting } from './en/export.ts';
import { fast } from './en/fast.ts';
import { formats } from './en/formats.ts';
import { importing } from './en/import.ts';
import { insights } from './en/insights.ts';
import { labels } from './en/labels.ts';
import { learn } from './en/learn.ts';
import { library } from './en/library.ts';
import { models } from './en/models.ts';
import { palette } from './en/palette.ts';
import { review } from './en/review.ts';
import { settings } from './en/settings.ts';
import { words } from './en/words.ts';

export const en = {
  ...words,
  ...library,
  ...review,
  ...categories,
  ...insights,
  ...learn,
  ...palette,
  ...exporting,
  ...formats,
  ...labels,
  ...settings,
  models: { ...models, ...catalogue, ...compare, ...importing, ...fast },
  ...errors,
};

/** The same words in every language. */
export type Messages = typeof en;
