/** @file `npm run eval -- <folder> <truth.csv> [--model id]`: how often a model is right, and how sure it is of it. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { openClassifier } from '../../electron/engine/inference/classifier.ts';
import type { Classified } from '../../electron/engine/inference/protocol.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { measure, type Judged } from './measure.ts';

const batchSize = 16;

const { values, positionals } = parseArgs({ options: { model: { type: 'string' } }, allowPositionals: true });
const [folder, truthFile] = positionals;
if (!folder || !truthFile) {
  console.error('Usage: npm run eval -- <folder> <truth.csv> [--model id]');
  process.exit(2);
}

const registry = openRegistry([new URL('../../models', import.meta.url).pathname]);
const modelId = values.model ?? (await registry.defaultId());
if (!modelId) throw new Error('There is no usable model under models/');
const model = await registry.get(modelId);
const truth = readTruth(folder, truthFile);
const known = new Set(model.labels.map(({ name }) => name));

const judged: Judged[] = [];
let refused = 0;
{
  await using classifier = await openClassifier(model, {
    threads: availableParallelism(),
    decoders: 2,
    embeddings: false,
    provider: 'cpu',
  });
  for (let at = 0; at < truth.length; at += batchSize) {
    const batch = truth.slice(at, at + batchSize);
    const images = await classifier.classify(
      batch.map(({ path }, index) => ({ id: index + 1, path })),
      { topK: 5 },
    );
    batch.forEach(({ label, path }, index) => judge(images[index]!, label, path));
  }
}

const { n, top1, top5, calibrationError } = measure(judged);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
console.log(
  `eval ${modelId} n ${n}, top-1 ${percent(top1)}, top-5 ${percent(top5)}, ECE ${calibrationError.toFixed(3)} (15 bins), refused ${refused}`,
);
const strange = [...new Set(truth.map(({ label }) => label))].filter((label) => !known.has(label));
if (strange.length > 0) console.log(`categories the model does not know: ${strange.join(', ')}`);

/** A refused picture counts as wrong: it has no label. */
function judge(image: Classified, label: string, path: string): void {
  if (!image.ok) {
    refused++;
    console.error(`${path}: ${image.code}`);
  }
  const names = image.ok ? image.ranked.map(({ index }) => model.labels[index]!.name) : [];
  judged.push({ score: image.ok ? image.ranked[0]!.score : 0, place: names.indexOf(label) });
}

/** Files are relative to the CSV or to the folder; rows without a label are left out. */
function readTruth(folder: string, truthFile: string): { path: string; label: string }[] {
  const rows = parse<Record<string, string>>(readFileSync(truthFile), {
    columns: true,
    bom: true,
    skip_empty_lines: true,
  });
  return rows.flatMap((row) => {
    const file = row['file'] ?? row['file_name'] ?? '';
    // Where both exist, `tag` is the name and `label` an index.
    const label = row['tag'] || row['label'] || '';
    const path = [join(dirname(truthFile), file), join(folder, file)].find((path) => existsSync(path));
    if (!path) console.error(`${file}: no such file`);
    return path && label ? [{ path: resolve(path), label }] : [];
  });
}
