/** @file The bootstrap on a machine where all is there. */
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

function bootstrap(args: string[], env: NodeJS.ProcessEnv = process.env) {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/bootstrap.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr, tookMs: performance.now() - begun };
}

beforeAll(() => void bootstrap(['--test']));

test('it says nothing and is done in a moment', () => {
  const { tookMs, ...told } = bootstrap(['--test']);

  expect(told).toEqual({ status: 0, stdout: '', stderr: '' });
  // Under 0.3 s on an idle machine; the tests share theirs.
  expect(tookMs).toBeLessThan(2000);
});

test('without a screen it does not ask for Electron', () => {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  // A runtime that is not there would be missed at once if anybody looked for it.
  const told = bootstrap(['--app'], { ...env, ELECTRON_OVERRIDE_DIST_PATH: '/nowhere', XDG_CACHE_HOME: '/nowhere' });

  expect(told).toMatchObject({ status: 0, stderr: '' });
});
