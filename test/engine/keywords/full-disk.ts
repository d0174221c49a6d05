/** @file Write keywords into and beside the photos of a library once, then print what came of it as JSON. */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultExportOptions } from '../../../electron/core/export-options.ts';
import { openKeywords } from '../../../electron/engine/keywords/open-keywords.ts';
import { openStore } from '../../../electron/engine/store/store.ts';

const [, , libraryPath, datasetId, folder] = process.argv;
using store = openStore(libraryPath!);
await using keywords = await openKeywords(store);
const results = [];
for (const where of ['inside', 'sidecar'] as const) {
  const options = { ...defaultExportOptions, include: 'decisions' as const, keywords: { where } };
  results.push(await keywords.write(Number(datasetId), options, () => {}));
}
const names = readdirSync(folder!).toSorted();
console.log(JSON.stringify({ results, names, sha256: hash('sha256', readFileSync(join(folder!, 'a.jpg'))) }));
