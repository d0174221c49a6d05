/** @file The figures of growing libraries as one table: a column for each size. */
import type { Fill } from './growth-library.ts';
import type { TaskName, TaskResult } from './growth-task.ts';

export type Figures = { imageCount: number; fill: Fill; sizeBytes: number } & { [Name in TaskName]: TaskResult<Name> };

interface Line {
  title: string;
  cell: (figures: Figures) => string;
}

const round = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: value < 100 ? 2 : 3 });
const seconds = (ms: number) => `${round(ms / 1000)} s`;
/** Wall and processor time: where they differ, the machine had other work or the disk was waited for. */
const times = ({ wallMs, cpuMs }: { wallMs: number; cpuMs: number }) => `${round(wallMs)} (${round(cpuMs)}) ms`;
const rate = (count: number, { wallMs, cpuMs }: { wallMs: number; cpuMs: number }) =>
  `${round((count / wallMs) * 1000)} (${round((count / cpuMs) * 1000)})`;
const megabytes = (value: number | null) => (value === null ? '–' : `${round(value)} MB`);

const lines: readonly Line[] = [
  { title: 'new pictures a second', cell: ({ imageCount, fill }) => rate(imageCount, fill.scanned) },
  { title: 'results a second', cell: ({ imageCount, fill }) => rate(imageCount, fill.labeled) },
  { title: 'file', cell: ({ sizeBytes }) => megabytes(sizeBytes / 1e6) },
  { title: 'bytes a picture', cell: ({ sizeBytes, imageCount }) => round(sizeBytes / imageCount) },
  { title: 'open the library', cell: ({ open }) => times(open.open) },
  { title: 'memory then', cell: ({ open }) => megabytes(open.peakMb) },
  { title: 'whole list behind the screen', cell: ({ review }) => times(review.complete) },
  { title: 'longest stall of that', cell: ({ review }) => `${round(review.complete.stallMs)} ms` },
  { title: 'CSV rows a second', cell: ({ csv }) => rate(csv.rowCount, csv.write) },
  { title: 'memory then', cell: ({ csv }) => megabytes(csv.peakMb) },
  { title: 'longest stall', cell: ({ csv }) => `${round(csv.write.stallMs)} ms` },
  { title: 'COCO rows a second', cell: ({ coco }) => rate(coco.rowCount, coco.write) },
  { title: 'memory then', cell: ({ coco }) => megabytes(coco.peakMb) },
  { title: 'longest stall', cell: ({ coco }) => `${round(coco.write.stallMs)} ms` },
  {
    title: 'decide for all',
    cell: ({ decide }) => `${seconds(decide.decideAll.wallMs)} (${seconds(decide.decideAll.cpuMs)})`,
  },
  { title: 'longest stall', cell: ({ decide }) => `${round(decide.decideAll.stallMs)} ms` },
  { title: 'undo that', cell: ({ decide }) => `${seconds(decide.undoAll.wallMs)} (${seconds(decide.undoAll.cpuMs)})` },
  { title: 'longest stall', cell: ({ decide }) => `${round(decide.undoAll.stallMs)} ms` },
  {
    title: 'library.check afterwards',
    cell: ({ decide }) => (decide.integrity.length === 0 ? 'ok' : decide.integrity.join('; ')),
  },
];

/** Markdown. In brackets: processor time, or a second of it. */
export function growthTable(all: readonly Figures[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const calls = Object.keys(all[0]?.review.calls ?? {}).map((title) => ({
    title: `${title}: median / p95 (processor)`,
    cell: ({ review }: Figures) => {
      const { medianMs, p95Ms, cpuMs } = review.calls[title]!;
      return `${round(medianMs)} / ${round(p95Ms)} (${round(cpuMs)}) ms`;
    },
  }));
  return [
    row(['pictures', ...all.map(({ imageCount }) => imageCount.toLocaleString('en'))]),
    row(['---', ...all.map(() => '---:')]),
    ...[...lines, ...calls].map(({ title, cell }) => row([title, ...all.map(cell)])),
  ].join('\n');
}
