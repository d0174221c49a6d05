/** @file stdout for data, stderr for people. */
import { once } from 'node:events';

/** Wait when the reader is slower than we are: a million lines must not pile up in memory. */
export async function printData(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function printJson(value: object): Promise<void> {
  await printData(`${JSON.stringify(value)}\n`);
}

export function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** '1 picture', '2 pictures'; also '0 pictures'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(headers: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headers, ...rows].map((row) => row.map(String));
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const right = headers.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  return cells
    .map((row) => {
      const padded = row.map((cell, column) =>
        right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      );
      return `  ${padded.join('  ')}`.trimEnd();
    })
    .join('\n');
}
