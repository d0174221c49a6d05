/** @file Calls about keywords beside and inside photos; they are written by 'export.write' with the format 'xmp'. */
import * as z from 'zod';
import type { KeywordResult } from '#core/keywords.ts';
import { call, id } from './call.ts';

const dataset = z.strictObject({ datasetId: id });

export const keywordCalls = {
  /** How many sidecars and photos the newest export changed, that can be as before; null: nothing to go back to. */
  'keywords.state': call<{ restorable: number | null; busy: boolean }>()(dataset),
  /** Files are as they were before the newest export; where somebody worked on them since, only its words go. */
  'keywords.restore': call<KeywordResult>()(dataset),
  /** What is done stays; the call that writes answers with it. */
  'keywords.cancel': call<void>()(dataset),
};
