/** @file What the app says in Simplified Chinese; each screen has a file of its own. */
import type { Messages } from './en.ts';
import { catalogue } from './zh-cn/catalogue.ts';
import { categories } from './zh-cn/categories.ts';
import { compare } from './zh-cn/compare.ts';
import { errors } from './zh-cn/errors.ts';
import { exporting } from './zh-cn/export.ts';
import { fast } from './zh-cn/fast.ts';
import { formats } from './zh-cn/formats.ts';
import { importing } from './zh-cn/import.ts';
import { insights } from './zh-cn/insights.ts';
import { labels } from './zh-cn/labels.ts';
import { learn } from './zh-cn/learn.ts';
import { library } from './zh-cn/library.ts';
import { models } from './zh-cn/models.ts';
import { palette } from './zh-cn/palette.ts';
import { review } from './zh-cn/review.ts';
import { settings } from './zh-cn/settings.ts';
import { words } from './zh-cn/words.ts';

export const zhCn: Messages = {
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
