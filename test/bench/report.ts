/** @file What was measured as JSON, as a table for the terminal, and as the generated part of a Markdown file. */
import { meets, memoryGoals, ratioKinds } from './findings.ts';
import type { Finding, Memory, RatioKind, RatioName, Ratios } from './findings.ts';
import type { MachineFacts } from './machine-facts.ts';
import type { Spread } from './measured.ts';
import type { KnownTuning } from './step-tune.ts';

export interface Report {
  /** ISO 8601. */
  date: string;
  command: string;
  machine: MachineFacts;
  findings: Finding[];
  memory: Memory;
  tunings: KnownTuning[];
}

const names = Object.keys(ratioKinds) as RatioName[];

export function ratiosOf({ findings }: Pick<Report, 'findings'>): Record<RatioName, Spread | null> {
  const found = Object.assign({}, ...findings.map(({ ratios }) => ratios)) as Ratios;
  return Object.fromEntries(names.map((name) => [name, found[name] ?? null])) as Record<RatioName, Spread | null>;
}

/** Every ratio has its place, null where it could not be measured. */
export function asJson(report: Report) {
  const spreads = ratiosOf(report);
  const goals = names.flatMap((name) => {
    const { title, goal }: RatioKind = ratioKinds[name];
    const value = spreads[name]?.median ?? null;
    return goal ? [{ name, title, goal, value, met: meets(name, value) }] : [];
  });
  return {
    version: 1,
    date: report.date,
    command: report.command,
    ratios: Object.fromEntries(names.map((name) => [name, rounded(spreads[name]?.median ?? null)])),
    spreads: Object.fromEntries(names.map((name) => [name, spreads[name]])),
    memoryMegabytes: report.memory,
    tunings: report.tunings,
    goals,
    machine: report.machine,
    details: report.findings.map(({ title, rows }) => ({ title, rows })),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

/** A table of all ratios, one of the memory, and one for each step. */
export function asMarkdown(report: Report): string {
  const { date, command, machine } = report;
  const busy =
    machine.busyShare === null ? '' : `; other programs kept ${percent(machine.busyShare)} of its cores busy`;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    `Measured on ${date.slice(0, 10)} by \`${command}\` on ${machine.processor}, ${machine.cores} cores, ` +
      `${machine.memoryGigabytes} GB, ${machine.system}${busy}. ${versions.join(', ')}.`,
    '### Ratios',
    ratioTable(report),
    '### Peak memory of the engine',
    memoryTable(report.memory),
    '### Settings of the engine',
    tuningTable(report.tunings),
    ...report.findings.flatMap(({ title, rows }) => [`### ${title}`, rowTable(rows)]),
  ];
  return parts.join('\n\n');
}

function ratioTable(report: Report): string {
  const ratios = ratiosOf(report);
  return table(
    ['what', 'ratio', 'least … most', 'goal', ''],
    names.map((name) => {
      const { title, goal }: RatioKind = ratioKinds[name];
      const spread = ratios[name];
      const wanted = goal === null ? '' : 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
      const range = spread ? `${spread.min.toFixed(2)} … ${spread.max.toFixed(2)}` : '';
      const cells = [title, spread ? `**${spread.median.toFixed(2)}**` : 'not measured', range, wanted];
      return [...cells, verdict(meets(name, spread?.median ?? null))];
    }),
  );
}

function memoryTable(memory: Memory): string {
  return table(
    ['form', 'megabytes', 'goal', ''],
    (Object.keys(memoryGoals) as (keyof Memory)[]).map((form) => {
      const value = memory[form];
      const met = value === null ? null : value <= memoryGoals[form];
      return [form, value === null ? 'not measured' : value.toFixed(0), `≤ ${memoryGoals[form]}`, verdict(met)];
    }),
  );
}

function tuningTable(tunings: readonly KnownTuning[]): string {
  return table(
    ['form', 'cores', 'sessions × threads', 'pictures at a time', 'groups merged to', ''],
    tunings.map(({ form, cores, tuning: { sessions, threads, batchSize, mergeWidth, measuredMs } }) => [
      form,
      String(cores),
      `${sessions} × ${threads}`,
      String(batchSize),
      mergeWidth === 0 ? 'as they are' : String(mergeWidth),
      measuredMs === 0 ? 'supposed' : 'measured',
    ]),
  );
}

function rowTable(rows: Finding['rows']): string {
  return table(
    ['milliseconds a picture', 'processor', 'least … most', 'clock', 'least … most'],
    rows.map(({ subject, cpu, wall }) => [subject, ...cells(cpu), ...cells(wall)]),
  );
}

function cells(spread: Spread | null): [string, string] {
  return spread ? [spread.median.toFixed(1), `${spread.min.toFixed(1)} … ${spread.max.toFixed(1)}`] : ['', ''];
}

function verdict(met: boolean | null): string {
  return met === null ? '' : met ? 'met' : '**missed**';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The same with columns of equal width, for the terminal. */
export function asText(markdown: string): string {
  return markdown.replace(/(?:^\|.*\n?)+/gm, (block) => {
    const rows = block
      .replaceAll('**', '')
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('| ---'))
      .map((line) => line.slice(2, -2).split(' | '));
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    return (
      rows
        .map((row) =>
          row
            .map((cell, at) => cell.padEnd(widths[at]!))
            .join('  ')
            .trimEnd(),
        )
        .join('\n') + '\n'
    );
  });
}

const begin = '<!-- bench: begin; written by `npm run bench` -->';
const end = '<!-- bench: end -->';

/**
 * @param text  of a file that has both marks
 * @returns     the same with another part between them
 */
export function replaceGenerated(text: string, generated: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The file has no "${begin}" and "${end}" in this order`);
  return `${text.slice(0, from + begin.length)}\n\n${generated}\n\n${text.slice(to)}`;
}
