/** @file The lock file works on every machine: it names versions and hashes, not servers. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<
    string,
    {
      version?: string;
      resolved?: string;
      integrity?: string;
      link?: boolean;
      inBundle?: boolean;
      optionalDependencies?: Record<string, string>;
    }
  >;
};
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;

test('no package is tied to a server', () => {
  const tied = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);

  expect(tied).toEqual([]);
});

test('every package from outside has a hash', () => {
  const bare = Object.entries(lock.packages).filter(
    ([name, entry]) => name !== '' && !entry.integrity && !entry.link && !entry.inBundle,
  );

  expect(bare).toEqual([]);
});

test('every dependency is pinned to one version', () => {
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );

  expect(loose).toEqual([]);
});

test('the builds for other platforms are locked too, without which `npm ci` refuses the file', () => {
  const missing = Object.entries(lock.packages).flatMap(([name, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (wanted) => !lock.packages[`${name}/node_modules/${wanted}`] && !lock.packages[`node_modules/${wanted}`],
    ),
  );

  expect(missing).toEqual([]);
});
