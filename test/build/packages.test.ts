/** @file When the bootstrap installs packages, tried on a project of its own with the real npm. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'labelwright-packages-'));
  await cp(new URL('../../build', import.meta.url).pathname, join(project, 'build'), { recursive: true });
  // A dependency that needs no network.
  await mkdir(join(project, 'pebble'));
  await writeFile(join(project, 'pebble/package.json'), JSON.stringify({ name: 'pebble', version: '1.0.0' }));
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'beach', version: '1.0.0', dependencies: { pebble: 'file:pebble' } }),
  );
  npm('install', '--package-lock-only');
});
afterEach(() => rm(project, { recursive: true, force: true }));

function npm(...args: string[]): void {
  const { status, stderr } = spawnSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
}

/** What one call of `ensurePackages` in the project says. */
function ensure(): { installed: boolean; said: string; printed: string } {
  const code = `import { ensurePackages } from './build/packages.mjs'; process.exitCode = (await ensurePackages()) ? 10 : 20;`;
  const { npm_execpath: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: project,
    encoding: 'utf8',
    env,
  });
  expect([10, 20], stderr).toContain(status);
  return { installed: stderr.includes('Installing packages'), said: stderr, printed: stdout };
}

test('packages are installed once, and the second time nothing is said', () => {
  expect(ensure().installed).toBe(true);

  expect(ensure()).toEqual({ installed: false, said: '', printed: '' });
});

test('nothing goes to stdout, not even from npm', () => {
  expect(ensure().printed).toBe('');
});

test('packages installed by hand are taken as they are', () => {
  npm('ci');

  expect(ensure().installed).toBe(false);
});

test('another lock file makes the packages stale', async () => {
  ensure();
  await mkdir(join(project, 'shell'));
  await writeFile(join(project, 'shell/package.json'), JSON.stringify({ name: 'shell', version: '1.0.0' }));
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { dependencies: object };
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, shell: 'file:shell' } }),
  );
  npm('install', '--package-lock-only');

  expect(ensure().installed).toBe(true);
  expect(JSON.parse(await readFile(join(project, 'node_modules/shell/package.json'), 'utf8'))).toMatchObject({
    name: 'shell',
  });
});
