/** @file One open library: every table over one connection. */
import { categoriesTable } from './categories.ts';
import { openDatabase } from './database.ts';
import { datasetsTable } from './datasets.ts';
import { exportProfilesTable } from './export-profiles.ts';
import { headPredictionsTable } from './head-predictions.ts';
import { headsTable } from './heads.ts';
import { imagesTable } from './images.ts';
import { libraryTable } from './library.ts';
import { resultsTable } from './results.ts';
import { openReview } from './review.ts';
import { runsTable } from './runs.ts';
import { scanProblemsTable } from './scan-problems.ts';
import { tokens } from './tokens.ts';
import { openViews } from './views.ts';

export type Store = ReturnType<typeof openStore>;

/** @throws {AppError} see `openDatabase` */
export function openStore(path: string) {
  const db = openDatabase(path);
  const library = libraryTable(db);
  const seal = tokens(library.tokenKey());
  const views = openViews(db, seal);
  const review = openReview(db);
  return {
    db,
    library,
    tokens: seal,
    datasets: datasetsTable(db),
    categories: categoriesTable(db),
    images: imagesTable(db),
    scanProblems: scanProblemsTable(db),
    runs: runsTable(db),
    results: resultsTable(db),
    heads: headsTable(db),
    headPredictions: headPredictionsTable(db),
    decisions: review,
    profiles: exportProfilesTable(db),
    views,
    [Symbol.dispose]() {
      views[Symbol.dispose]();
      review[Symbol.dispose]();
      db.pragma('optimize');
      db.close();
    },
  };
}
