import { execFileSync, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { KeywordResult } from '../../../electron/core/keywords.ts';
import { nodePath } from '../../cli/labelwright.ts';
import { askExifTool, keywordsOf, photoLibrary } from '../../support/keywords.ts';
import { fixture, seededRandom } from '../../support/pictures.ts';
import { openTestStore, temporaryFolder } from '../../support/library.ts';
import { openKeywords } from '../../../electron/engine/keywords/open-keywords.ts';

const photo = fixture('photos', 'cat-chelsea.jpg');

test('killed at any moment, each photo and sidecar is whole, and no word of ours is taken for somebody else’s', async () => {
  const names = ['a.jpg', 'b.jpg', 'c.jpg'];
  const { store, datasetId, libraryPath, folder, at } = await photoLibrary(
    Object.fromEntries(names.map((name) => [name, photo])),
    (place) => void askExifTool('-XMP-dc:Subject=sofa', '-o', join(place, 'a.jpg.xmp')),
  );
  store[Symbol.dispose]();
  const pixels = await sharp(readFileSync(photo)).raw().toBuffer();
  const random = seededRandom(1);
  for (let kill = 0; kill < 4; kill++) {
    const writer = spawn(nodePath, [join(import.meta.dirname, 'cut-off.ts'), libraryPath, String(datasetId)]);
    await once(writer.stdout, 'data');
    await sleep(random() * 1000);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    for (const name of names) {
      expect(
        (
          await sharp(readFileSync(at(name)))
            .raw()
            .toBuffer()
        ).equals(pixels),
      ).toBe(true);
    }
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.xmp'))) {
      expect(readFileSync(at(name), 'utf8')).toMatch(/<\?xpacket end=['"]w['"]\?>\s*$/);
    }
  }
  const after = openTestStore(libraryPath);
  await using keywords = await openKeywords(after);
  const nothing = {
    include: 'decisions',
    topK: 1,
    minScore: 0,
    onlyReviewed: false,
    level: 'own',
    dialect: 'data',
  } as const;
  for (const where of ['inside', 'sidecar'] as const) {
    const { leftOut } = await keywords.write(datasetId, { ...nothing, keywords: { where } }, () => {});
    expect(leftOut.first).toEqual([]);
  }
  for (const name of names) expect(keywordsOf(at(name))).toEqual([undefined, undefined, undefined, undefined]);
  expect(keywordsOf(at('a.jpg.xmp'))).toEqual(['sofa', undefined, undefined, undefined]);
});

test('on a full disk each photo and sidecar stays as it was, and each is named', async () => {
  const { decide, store, libraryPath, datasetId, folder } = await photoLibrary({ 'a.jpg': photo }, (place) => {
    utimesSync(join(place, 'a.jpg'), 1_000_000, 1_000_000);
  });
  await decide('a.jpg', 'dog');
  store[Symbol.dispose]();
  const whole = join(temporaryFolder(), 'a.jpg');
  cpSync(join(folder, 'a.jpg'), whole, { preserveTimestamps: true });
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user', '--user'];
  const steps =
    'mount -t tmpfs -o size=1m tmpfs "$0" && cp -p "$1" "$0/a.jpg" && ' +
    '{ cat /dev/zero > "$0/ballast" || true; } 2>/dev/null && shift && exec "$@"';
  const script = join(import.meta.dirname, 'full-disk.ts');
  const args = [folder, whole, nodePath, script, libraryPath, String(datasetId), folder];
  const output = execFileSync('unshare', [...asRoot, '--mount', 'sh', '-c', steps, ...args], { encoding: 'utf8' });
  const { results, names, sha256 } = JSON.parse(output) as {
    results: KeywordResult[];
    names: string[];
    sha256: string;
  };
  expect(results.map(({ changed, leftOut }) => [changed, leftOut.count])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(names).toEqual(['a.jpg', 'ballast']);
  expect(sha256).toBe(hash('sha256', readFileSync(photo)));
});
