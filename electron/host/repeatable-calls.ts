/** @file Calls that only read, so that a dying engine may be asked again. */
import type { CallName } from '#contract/calls.ts';

/**
 * Not here on purpose: calls on an open view (the next engine knows other views) and `thumbnail.get`
 * (the picture asked for may be what killed the engine).
 */
export const repeatableCalls: ReadonlySet<CallName> = new Set<CallName>([
  'datasets.list',
  'failures.list',
  'models.list',
  'models.used',
  'models.compare',
  'catalogue.list',
  'downloads.list',
  'providers.list',
  'categories.list',
  'view.open',
  'image.get',
  'formats.list',
  'export.preview',
  'engine.info',
  'image.path',
  'results.page',
  'library.check',
]);
