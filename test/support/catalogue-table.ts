/** @file The catalogue as the tables of docs/models.md show it. */
import type { KnownWeights } from '../../electron/engine/models/catalogue/known-weights.ts';

const columns: [header: string, cell: (entry: KnownWeights) => string][] = [
  ['Id', ({ id }) => `\`${id}\``],
  ['Architecture', ({ architecture }) => architecture],
  ['Top-1', ({ top1 }) => percent(top1)],
  ['Top-5', ({ top5 }) => percent(top5)],
  ['MACs', ({ macCount }) => `${(macCount / 1e9).toFixed(2)} G`],
  ['Parameters', ({ parameterCount }) => `${(parameterCount / 1e6).toFixed(2)} M`],
  ['Input', ({ inputSide }) => String(inputSide)],
  ['Preprocessing', ({ preprocess }) => `\`${preprocess}\``],
  ['About', ({ sizeBytes }) => `${Math.round(sizeBytes / 1e6)} MB`],
  ['Licence', ({ licence, nonCommercial }) => (nonCommercial ? '**CC-BY-NC-4.0**' : licence.split(' ')[0]!)],
  ['File', ({ url }) => `[${new URL(url).pathname.split('/').at(-1)}](${url})`],
];

/** Markdown, with a header. */
export function catalogueTable(entries: readonly KnownWeights[]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([header]) => header)),
    line(columns.map(() => '---')),
    ...entries.map((entry) => line(columns.map(([, cell]) => cell(entry)))),
  ].join('\n');
}

function percent(share: number | null): string {
  return share === null ? '–' : (share * 100).toFixed(2);
}
