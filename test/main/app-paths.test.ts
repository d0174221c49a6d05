import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { appPaths } from '../../electron/main/app-paths.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const places = {
  resourcesPath: '/opt/app/resources',
  userData: '/home/me/.config/Labelwright',
  platform: 'linux',
} as const;

test('in the repository, Node, samples and models are where the paths say', () => {
  const paths = appPaths({ ...places, isPackaged: false, appPath: root });

  expect(statSync(paths.node).isFile()).toBe(true);
  expect(existsSync(paths.samples)).toBe(true);
  expect(existsSync(paths.bundledModels)).toBe(true);
});

test('in a package, what the engine needs lies beside the archive, not in it', () => {
  const packed = { ...places, isPackaged: true, appPath: '/opt/app/resources/app.asar' };
  const paths = appPaths(packed);

  expect(paths).toMatchObject({
    node: '/opt/app/resources/engine/node',
    engineEntry: '/opt/app/resources/engine/index.mjs',
    samples: '/opt/app/resources/samples',
    bundledModels: '/opt/app/resources/models',
    preload: '/opt/app/resources/app.asar/out/preload/index.cjs',
  });
  expect(appPaths({ ...packed, platform: 'win32' }).node).toMatch(/node\.exe$/);
});
