/** @file Write keywords over and over until killed: other words in each round, into sidecars and photos in turn. */
import { defaultExportOptions } from '../../../electron/core/export-options.ts';
import { openKeywords } from '../../../electron/engine/keywords/open-keywords.ts';
import { openStore } from '../../../electron/engine/store/store.ts';

using store = openStore(process.argv[2]!);
const datasetId = Number(process.argv[3]);
await using keywords = await openKeywords(store);
for (let round = 0; ; round++) {
  const topK = 1 + (round % 3 === 0 ? 1 : 0);
  const where = round % 2 === 0 ? 'inside' : 'sidecar';
  const include = 'predictions';
  const options = { ...defaultExportOptions, include, topK, minScore: round % 4 < 2 ? 0 : 0.5, keywords: { where } };
  const { leftOut } = await keywords.write(datasetId, options as typeof defaultExportOptions, () => {});
  console.log(JSON.stringify({ round, leftOut: leftOut.first }));
}
