/**
 * @file `npm run test:zoo [name…]`: each of PaddleClas' twelve ResNeXts, with random weights in PaddleClas' own file
 * format, added through the command line and run over the sample photos.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../../electron/core/model.ts';
import { jsonLines, runLabelwright } from '../cli/labelwright.ts';
import { writeRandomPdparams } from '../support/paddleclas.ts';

const depths = [50, 101, 152];
const all = depths.flatMap((depth) =>
  ['32x4d', 'vd_32x4d', '64x4d', 'vd_64x4d'].map((variant) => `ResNeXt${depth}_${variant}`),
);
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
const photos = join(import.meta.dirname, '../fixtures/photos');
const home = mkdtempSync(join(tmpdir(), 'labelwright-zoo-'));
let failed = 0;

try {
  for (const name of names) {
    const weights = join(home, `${name}_pretrained.pdparams`);
    await writeRandomPdparams(weights, name);
    const { size } = statSync(weights);
    const begun = performance.now();
    const added = await runLabelwright(['models', 'add', weights, '--id', 'zoo', '--yes', '--json'], home);
    const addedMs = performance.now() - begun;
    rmSync(weights);
    const [model] = jsonLines<Model>(added.stdout);
    const csv = join(home, 'labels.csv');
    const labels = ['label', photos, '--model', 'zoo', '--library', join(home, `${name}.labelwright`), '--csv', csv];
    const labeled = await runLabelwright([...labels, '--top-k', '1'], home);
    const rows = labeled.code === 0 ? readFileSync(csv, 'utf8').trim().split('\r\n').slice(1) : [];
    await runLabelwright(['models', 'remove', 'zoo', '--yes'], home);

    const good = added.code === 0 && model?.architecture === name && rows.length === 8;
    if (!good) failed++;
    const facts = model && `${(model.parameterCount! / 1e6).toFixed(2)} M, ${(model.macCount! / 1e9).toFixed(2)} GMACs`;
    const megabytes = Math.round(size / 1e6);
    console.log(
      `${good ? 'ok    ' : 'FAILED'} ${name}: ${megabytes} MB, ${facts ?? 'not added'}, added in ${(addedMs / 1000).toFixed(1)} s, ${rows.length} of 8 photos labeled`,
    );
    if (!good) console.log(added.stderr, labeled.stderr);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
