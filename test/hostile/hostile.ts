/** @file `npm run test:hostile -- <folder>`: the real classifier over any folder; exit code 1 on a crash or a hang. */
import { relative } from 'node:path';
import { labelFolder } from './over-folder.ts';

const folder = process.argv[2];
if (!folder) {
  console.error('Usage: npm run test:hostile -- <folder>');
  process.exit(2);
}
const { files, labeled, refused, crashes, hangs, slowest } = await labelFolder(folder);
const codes = [...refused].sort(([a], [b]) => a.localeCompare(b)).map(([code, paths]) => `${code}: ${paths.length}`);
const refusals = [...refused.values()].reduce((sum, paths) => sum + paths.length, 0);
console.log(
  `hostile files ${files}, labeled ${labeled.length}, refused ${refusals} (${codes.join(', ')}), ` +
    `crashes ${crashes.length}, hangs ${hangs.length}, ` +
    `slowest ${Math.round(slowest.ms)} ms (${relative(folder, slowest.path)})`,
);
for (const path of crashes) console.log(`crashed on ${path}`);
for (const path of hangs) console.log(`hung on ${path}`);
if (process.argv.includes('--verbose')) {
  for (const path of labeled) console.log(`labeled ${path}`);
  for (const [code, paths] of refused) for (const path of paths) console.log(`${code} ${path}`);
}
process.exitCode = crashes.length + hangs.length > 0 ? 1 : 0;
