/** @file What the decisions and predictions of a dataset say, for plots. Shares and scores are in [0, 1]. */

export interface Insights {
  datasetId: number;
  /** Pictures decided on each day of the person's calendar, oldest first. */
  progress: { day: string; accepted: number; corrected: number; unsure: number; skipped: number }[];
  /** Pictures decided to be each, and pictures whose best prediction it is (decided ones too); most frequent first. */
  categories: { categoryId: number; name: string; decided: number; predicted: number }[];
  /** Pictures by the score of their best prediction, twenty bins of equal width. */
  scores: { low: number; high: number; decided: number; undecided: number }[];
  /** Decided pictures by the score of the best prediction when they were decided: how often that was right. */
  reliability: { low: number; high: number; count: number; meanScore: number; accuracy: number }[];
  /** Of the most frequent categories, decided (rows) against predicted before they were decided (columns). */
  confusion: { categories: { id: number; name: string }[]; counts: number[][]; imageCount: number };
  /** In the order decisions were made: of the pictures of one stretch, those where the prediction was right. */
  agreement: { fromMs: number; toMs: number; decided: number; agreed: number }[];
  /** Folders, those with most failures first. */
  folders: { folder: string; imageCount: number; failed: number; sizeBytes: number }[];
}
