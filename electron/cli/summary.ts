/** @file What came out of a run, as a small table. */
import type { Category } from '#core/category.ts';
import type { DatasetSummary, Failure } from '#core/dataset.ts';
import type { EngineProcess } from '#host';
import { sentence } from './messages.ts';
import { counted, table, tell } from './output.ts';
import { duration } from './progress.ts';

const shownCategories = 12;
const shownFailures = 10;

export interface Outcome {
  summary: DatasetSummary;
  categories: Category[];
  failures: Failure[];
  failureCount: number;
}

export async function readOutcome(engine: EngineProcess, datasetId: number): Promise<Outcome> {
  const [datasets, categories, { total, failures }] = await Promise.all([
    engine.call('datasets.list', {}),
    engine.call('categories.list', { datasetId }),
    engine.call('failures.list', { datasetId, offset: 0, limit: 500 }),
  ]);
  return { summary: datasets.find(({ id }) => id === datasetId)!, categories, failures, failureCount: total };
}

/** Whether something that should have a label has none. Links that were not followed are only worth a word. */
export function isIncomplete({ summary, failures }: Outcome): boolean {
  const lost = new Set(['folder.unreadable', 'folder.missing', 'folder.too-deep', 'file.denied', 'file.bad-name']);
  return summary.byStatus.failed > 0 || summary.byStatus.pending > 0 || failures.some(({ code }) => lost.has(code));
}

/** @param doneNow  pictures that got a result in this run, in `seconds` */
export function tellOutcome(outcome: Outcome, doneNow: number, seconds: number): void {
  const { summary, categories, failures, failureCount } = outcome;
  const rate =
    doneNow > 0 ? `, ${doneNow} of them now in ${duration(seconds)} (${(doneNow / seconds).toFixed(1)}/s)` : '';
  tell(`Labeled ${summary.byStatus.done} of ${counted(summary.imageCount, 'picture')}${rate}.`);

  const used = categories.filter(({ imageCount }) => imageCount > 0).sort((a, b) => b.imageCount - a.imageCount);
  if (used.length > 0) {
    const rows = used.slice(0, shownCategories).map(({ name, imageCount }) => [name, imageCount]);
    tell(`\n${table(['Label', 'Pictures'], rows)}`);
    if (used.length > shownCategories) tell(`  and ${counted(used.length - shownCategories, 'more label')}`);
  }
  if (failureCount > 0) {
    tell(`\nNot labeled or left out: ${failureCount}`);
    tell(
      failures
        .slice(0, shownFailures)
        .map(({ path, code }) => `  ${path}: ${sentence(code)}`)
        .join('\n'),
    );
    if (failureCount > shownFailures) tell(`  and ${failureCount - shownFailures} more`);
  }
}
