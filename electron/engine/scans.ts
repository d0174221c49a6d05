/** @file Which datasets are being scanned: one scan of each at a time. */
import type { ScanProgress } from '#core/run.ts';
import { scan } from './scan.ts';
import type { Store } from './store/store.ts';

export interface Scans {
  progress(datasetId: number): ScanProgress | null;
  /** Look for new, changed and missing pictures, after a scan of that dataset that is under way. */
  run(datasetId: number, signal: AbortSignal): Promise<void>;
}

export interface ScanEvents {
  scan: (progress: ScanProgress) => void;
  changed: (datasetId: number) => void;
}

export function openScans(store: Store, events: ScanEvents): Scans {
  const underWay = new Map<number, { progress: ScanProgress; ended: Promise<unknown> }>();

  return {
    progress: (datasetId) => underWay.get(datasetId)?.progress ?? null,

    async run(datasetId, signal) {
      const earlier = underWay.get(datasetId);
      if (earlier) await earlier.ended.catch(() => {});
      const report = (progress: ScanProgress) => {
        const current = underWay.get(datasetId);
        if (current) current.progress = progress;
        events.scan(progress);
        events.changed(datasetId);
      };
      const ended = scan(store, datasetId, report, signal);
      underWay.set(datasetId, { progress: { datasetId, found: 0, problems: 0, finished: false }, ended });
      try {
        await ended;
      } finally {
        underWay.delete(datasetId);
        events.changed(datasetId);
      }
    },
  };
}
