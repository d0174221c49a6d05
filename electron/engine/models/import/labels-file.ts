/** @file A person's list of labels: what PaddleClas, timm, Hugging Face, FiftyOne or an editor wrote. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { AppError } from '#core/errors.ts';
import type { ModelLabel } from '../manifest.ts';
import { imagenetBySynset } from './imagenet.ts';

const maxBytes = 16 * 1024 * 1024;
const maxLabels = 100_000;
const maxNameLength = 512;
const synset = /^n\d{8}$/;

/**
 * Read a list in any of these shapes: one label a line; `<number> <label>` a line (PaddleClas; the numbers must be the
 * places); WordNet ids; CSV with a column called label, name or class; JSON: an array of names or of objects with a
 * `name`, an object from number to name, or one of these below `labels`, `classes`, `id2label` or `label_names`.
 *
 * @throws {AppError} 'model.unsupported' with the first line that makes no sense, 'file.missing'
 */
export async function readLabelsFile(path: string): Promise<ModelLabel[]> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new AppError('file.missing', `${basename(path)} cannot be read`, { cause });
  });
  if (size > maxBytes) throw refused(path, `is larger than ${maxBytes / 1024 / 1024} MB`);
  const bytes = await readFile(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('model.unsupported', `${basename(path)} is not text in UTF-8`, { cause });
  }
  const labels = parseLabels(text, path);
  if (labels.length === 0) throw refused(path, 'has no labels');
  if (labels.length > maxLabels) throw refused(path, `has more than ${maxLabels} labels`);
  return unique(labels);
}

function parseLabels(text: string, path: string): ModelLabel[] {
  const start = text.trimStart()[0];
  if (start === '[' || start === '{') return fromJson(text, path);
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const gap = lines.indexOf('');
  if (gap >= 0) throw refused(path, `has an empty line ${gap + 1}`);
  const header = /^(?:[^,]*,)*\s*"?(?:label|labels|name|class|class_name)"?\s*(?:,|$)/i;
  if (header.test(lines[0] ?? '') && (/\.csv$/i.test(path) || lines[0]!.includes(','))) return fromCsv(text, path);
  const numbered = lines.every((line, index) => line.startsWith(`${index} `) || line.startsWith(`${index}\t`));
  // A list of one class is numbered only when something follows its number.
  return lines.map((line, index) => label(numbered ? line.slice(String(index).length + 1) : line, path, index));
}

function fromCsv(text: string, path: string): ModelLabel[] {
  let rows: Record<string, string>[];
  try {
    const lower = (headers: string[]) => headers.map((name) => name.trim().toLowerCase());
    rows = parse(text, { columns: lower, bom: true, skip_empty_lines: true, max_record_size: 65_536 });
  } catch (cause) {
    throw new AppError('model.unsupported', `${basename(path)}: ${(cause as Error).message}`, { cause });
  }
  const columns = Object.keys(rows[0] ?? {});
  const named = ['label', 'labels', 'name', 'class_name', 'class'].find((name) => columns.includes(name));
  if (named === undefined) throw refused(path, 'has no column called label, name or class');
  const place = ['index', 'id', 'class_id', 'label_id'].find((name) => columns.includes(name));
  const ordered =
    place !== undefined && rows.every((row) => /^\d+$/.test(row[place]!))
      ? rows.toSorted((a, b) => Number(a[place]) - Number(b[place]))
      : rows;
  return ordered.map((row, index) => label(row[named]!, path, index));
}

function fromJson(text: string, path: string): ModelLabel[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError('model.unsupported', `${basename(path)} is not JSON`, { cause });
  }
  return labelsIn(json, path, 0);
}

function labelsIn(json: unknown, path: string, depth: number): ModelLabel[] {
  if (Array.isArray(json)) {
    return json.map((entry: unknown, index) => {
      if (typeof entry === 'string') return label(entry, path, index);
      const named = entry as { name?: unknown; label?: unknown } | null;
      const name = named?.name ?? named?.label;
      if (typeof name !== 'string') throw refused(path, `has no name at place ${index}`);
      return label(name, path, index);
    });
  }
  if (typeof json !== 'object' || json === null || depth > 1) throw refused(path, 'holds no list of labels');
  const entries = json as Record<string, unknown>;
  for (const key of ['labels', 'classes', 'id2label', 'label_names', 'pretrained_cfg']) {
    const inner = entries[key];
    // FiftyOne keeps the classes in `classes`, and per picture something else in `labels`.
    if (Array.isArray(inner) || (key !== 'labels' && typeof inner === 'object' && inner !== null)) {
      return labelsIn(inner, path, depth + 1);
    }
  }
  const keys = Object.keys(entries);
  const places = keys.map(Number);
  if (keys.length === 0 || !keys.every((key) => /^\d+$/.test(key)) || Math.max(...places) !== keys.length - 1) {
    throw refused(path, 'holds no list of labels');
  }
  return labelsIn(
    keys.map((_, index) => entries[String(index)]),
    path,
    depth + 1,
  );
}

/** WordNet ids, alone or before the name, become the names people know. */
function label(text: string, path: string, index: number): ModelLabel {
  const name = text.trim();
  if (name === '') throw refused(path, `has no name at place ${index}`);
  if (name.length > maxNameLength) throw refused(path, `has a name of more than ${maxNameLength} characters`);
  const [first = ''] = name.split(/\s/, 1);
  const known = synset.test(first) ? imagenetBySynset().get(first) : undefined;
  return known ?? { name, supercategory: '', wordnetId: null, path: [] };
}

/** Categories are told apart by their names, so equal ones get their place behind them. */
function unique(labels: ModelLabel[]): ModelLabel[] {
  const counts = new Map<string, number>();
  for (const { name } of labels) counts.set(name, (counts.get(name) ?? 0) + 1);
  return labels.map((entry, index) =>
    counts.get(entry.name)! > 1 ? { ...entry, name: `${entry.name} (${index})` } : entry,
  );
}

function refused(path: string, why: string): AppError {
  return new AppError('model.unsupported', `${basename(path)} ${why}`);
}
