/**
 * @file `npm test`: everything that must hold before a change is merged, one line per step.
 *
 * Names of groups as arguments choose: check (static checks and unit tests), static, unit, e2e, package.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { electronBinary, ensureElectron } from './electron-runtime.mjs';
import { endChildren, inRoot, nodeBinary, run, script, Stop } from './repository.mjs';
import { startXvfb } from './xvfb.mjs';

/** @typedef {{ group: string, name: string, args: string[], tests?: boolean, screen?: boolean }} Step */

/** @type {Step[]} */
const steps = [
  // Half of its time goes into the page: each Svelte file makes it look at all types anew.
  { group: 'static', name: 'eslint of the page', args: [bin('eslint'), '--max-warnings', '0', 'renderer'] },
  {
    group: 'static',
    name: 'eslint of all else',
    args: [bin('eslint'), '--max-warnings', '0', '.', '--ignore-pattern', 'renderer/'],
  },
  { group: 'static', name: 'tsc', args: [bin('typescript', 'tsc'), '-b'] },
  {
    group: 'static',
    name: 'svelte-check',
    args: [bin('svelte-check'), '--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { group: 'static', name: 'prettier', args: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { group: 'static', name: 'knip', args: [bin('knip')] },
  {
    group: 'unit',
    name: 'unit and integration tests',
    args: vitest('--project=unit', '--project=renderer'),
    tests: true,
  },
  {
    group: 'e2e',
    name: 'the app in Electron',
    args: vitest('--project=e2e', '--exclude=test/e2e/package.test.ts'),
    tests: true,
    screen: true,
  },
  {
    group: 'package',
    name: 'the packaged app',
    args: vitest('--project=e2e', 'test/e2e/package.test.ts'),
    tests: true,
    screen: true,
  },
];
/** @type {Record<string, string[]>} */
const shortcuts = { check: ['static', 'unit'], all: ['static', 'unit', 'e2e', 'package'] };

await script(async () => {
  const chosen = (process.argv.length > 2 ? process.argv.slice(2) : ['all']).flatMap(
    (name) => shortcuts[name] ?? [name],
  );
  const unknown = chosen.find((name) => !steps.some(({ group }) => group === name));
  if (unknown)
    throw new Stop(`There is no group of tests called ${unknown}; there are check, static, unit, e2e and package.`);

  const reports = mkdtempSync(path.join(os.tmpdir(), 'labelwright-reports-'));
  const wanted = steps.filter(({ group }) => chosen.includes(group));
  const screen = wanted.some((step) => step.screen) ? await startXvfb() : undefined;
  const totals = { passed: 0, failed: 0 };
  // Ctrl-C reaches every child; a SIGTERM reaches us alone, and the screen and the step at work must not outlive us.
  process.once('SIGTERM', () => {
    endChildren();
    void screen?.stop().finally(() => process.exit(143));
    if (!screen) process.exit(143);
  });
  try {
    const env = { ...process.env, ...(screen && (await screenEnv(screen.display))) };
    const start = (/** @type {Step} */ step) =>
      runStep(step, path.join(reports, `${wanted.indexOf(step)}.json`), env, totals);
    await twoAtATime(wanted.filter(isStatic), start);
    for (const step of wanted.filter((step) => !isStatic(step))) await start(step);
  } finally {
    await screen?.stop();
    rmSync(reports, { recursive: true, force: true });
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
});

/** They only read, each on one core; tests use both cores themselves. */
function isStatic(/** @type {Step} */ { group }) {
  return group === 'static';
}

/** @param {Step[]} steps  the longest first, so that both end together @param {(step: Step) => Promise<void>} start */
async function twoAtATime(steps, start) {
  const waiting = [...steps];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await start(step);
  };
  await Promise.all([lane(), lane()]);
}

/**
 * @param {Step} step @param {string} report @param {NodeJS.ProcessEnv} env
 * @param {{ passed: number, failed: number }} totals counts of tests, added to
 */
async function runStep(step, report, env, totals) {
  const begun = performance.now();
  const args = step.tests ? [...step.args, `--outputFile.json=${report}`] : step.args;
  const { code, output } = await run(nodeBinary(), args, { env, quiet: true, timeoutMs: 30 * 60_000 });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);

  const counts = step.tests ? readReport(report) : undefined;
  if (counts) {
    totals.passed += counts.passed;
    totals.failed += counts.failed;
  }
  const detail = counts ? `, ${counts.passed} passed, ${counts.failed} failed` : '';
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s${detail})`);
  if (code !== 0) {
    console.log(output.trimEnd());
    process.exitCode = 1;
  }
}

/** A file that cannot even be loaded has no tests to count: it counts as one failure. */
function readReport(/** @type {string} */ report) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const broken = testResults.filter(
      (/** @type {{ status: string, assertionResults: { status: string }[] }} */ { status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    );
    return { passed: Number(numPassedTests), failed: Number(numFailedTests) + broken.length };
  } catch {
    // The runner died before it could write.
    return { passed: 0, failed: 1 };
  }
}

/** The Electron to test, on the screen to test it on. Wayland would win over DISPLAY, so it must not be named. */
async function screenEnv(/** @type {string} */ display) {
  const binary = electronBinary(await ensureElectron());
  return { DISPLAY: display, WAYLAND_DISPLAY: '', LIBGL_ALWAYS_SOFTWARE: '1', LABELWRIGHT_ELECTRON: binary };
}

/** @param {string[]} args */
function vitest(...args) {
  return [bin('vitest'), 'run', '--reporter=default', '--reporter=json', ...args];
}

/** The program of a package, to be run by Node 24 whatever the system's own Node is. */
function bin(/** @type {string} */ packageName, name = packageName) {
  const folder = inRoot('node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[name]);
}
