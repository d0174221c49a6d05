import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractTar } from '../../../electron/engine/models/tar.ts';

let folder: string;
let into: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tar-'));
  into = join(folder, 'into');
  mkdirSync(into);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  name: string;
  content?: Uint8Array;
  type?: string;
  /** What the header says of the size, in the place of the truth. */
  size?: string;
  linkName?: string;
}

/** A ustar header and its blocks, by hand. */
function entry({ name, content = new Uint8Array(0), type = '0', size, linkName = '' }: Entry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\x000000000\x000000000\x00', 100);
  header.write(size ?? `${content.length.toString(8).padStart(11, '0')}\x00`, 124, 12);
  header.write('00000000000\x00', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkName, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function archive(...entries: (Entry | Buffer)[]): string {
  const path = join(folder, 'model_infer.tar');
  const blocks = entries.map((item) => (Buffer.isBuffer(item) ? item : entry(item)));
  writeFileSync(path, Buffer.concat([...blocks, Buffer.alloc(1024)]));
  return path;
}

const refusal = (code: string, why: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(why) });

test("an archive made by the system's tar gives its files, without their folder", async () => {
  const name = 'ResNeXt50_32x4d_infer';
  const inside = join(folder, name);
  mkdirSync(inside);
  const weights = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at % 251));
  writeFileSync(join(inside, 'inference.pdmodel'), 'program');
  writeFileSync(join(inside, 'inference.pdiparams'), weights);
  writeFileSync(join(inside, 'inference.pdiparams.info'), 'info');
  for (const format of ['ustar', 'gnu', 'pax']) {
    const target = join(folder, format);
    mkdirSync(target);
    execFileSync('tar', ['--format', format, '-cf', join(folder, 'a.tar'), '-C', folder, name]);
    const paths = await extractTar(join(folder, 'a.tar'), target);
    expect(paths.map((path) => basename(path)).sort(), format).toEqual([
      'inference.pdiparams',
      'inference.pdiparams.info',
      'inference.pdmodel',
    ]);
    expect(readFileSync(join(target, 'inference.pdiparams')).equals(weights), format).toBe(true);
  }
});

test('folders, records of times and strays of macOS are passed over; an empty file is a file', async () => {
  const path = archive(
    { name: './', type: '5' },
    { name: 'PaxHeader', type: 'x', content: Buffer.from('20 mtime=1700000000.5\n') },
    { name: './x/._inference.pdmodel', content: Buffer.from('stray') },
    { name: './x/inference.pdmodel', type: '\0', content: Buffer.alloc(512, 1) },
    { name: 'x/.DS_Store', content: Buffer.from('stray') },
    { name: 'x/empty.txt' },
  );
  await extractTar(path, into);
  expect(readdirSync(into).sort()).toEqual(['empty.txt', 'inference.pdmodel']);
  expect(readFileSync(join(into, 'inference.pdmodel'))).toHaveLength(512);
});

const names = [
  '../escape',
  '/etc/passwd',
  'a/../../b',
  'a\\b',
  'C:evil',
  'con ',
  '.hidden',
  'a\nb',
  'nul\u00e9',
  '',
  'a//b',
  'x/',
];
for (const name of names) {
  test(`a file of the name ${JSON.stringify(name)} is refused and nothing of it written`, async () => {
    await expect(extractTar(archive({ name, content: Buffer.from('x') }), into)).rejects.toThrow(
      refusal('model.unsupported', /name/),
    );
    expect(readdirSync(into)).toEqual([]);
    expect(existsSync(join(folder, 'escape'))).toBe(false);
  });
}

for (const [type, what] of [
  ['1', 'hard link'],
  ['2', 'symbolic link'],
  ['3', 'device'],
  ['6', 'pipe'],
  ['L', 'long name'],
  ['S', 'sparse file'],
] as const) {
  test(`a ${what} is refused`, async () => {
    const path = archive({ name: 'inference.pdmodel', type, linkName: '/etc/passwd' });
    await expect(extractTar(path, into)).rejects.toThrow(refusal('model.unsupported', /which no model needs/));
    expect(readdirSync(into)).toEqual([]);
  });
}

test('two files of one name are refused, also from two folders', async () => {
  const path = archive({ name: 'a/inference.pdmodel' }, { name: 'b/inference.pdmodel' });
  await expect(extractTar(path, into)).rejects.toThrow(refusal('model.unsupported', /two files/));
});

test('a link that lies where a file is to go is not followed', async () => {
  const outside = join(folder, 'outside');
  writeFileSync(outside, 'untouched');
  symlinkSync(outside, join(into, 'inference.pdmodel'));
  await expect(extractTar(archive({ name: 'inference.pdmodel', content: Buffer.from('x') }), into)).rejects.toThrow();
  expect(readFileSync(outside, 'utf8')).toBe('untouched');
});

test('sizes beyond the archive, and such that are none, are refused as damaged', async () => {
  for (const size of [
    '77777777777\x00',
    '00000004000\x00',
    '-0000000001\x00',
    'abcdefghijk\x00',
    '\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00',
  ]) {
    const path = archive({ name: 'inference.pdmodel', size, content: Buffer.alloc(100) });
    await expect(extractTar(path, into), size).rejects.toThrow(refusal('model.corrupt', /ends too early/));
  }
});

test('an archive cut anywhere gives an error or the files before the cut, never a part of one', async () => {
  const content = Buffer.alloc(3000, 7);
  const whole = readFileSync(archive({ name: 'a', content }, { name: 'b', content }, { name: 'c', content }));
  for (let cut = 1; cut < 50; cut++) {
    const path = join(folder, `cut-${cut}.tar`);
    const target = join(folder, `cut-${cut}`);
    mkdirSync(target);
    writeFileSync(path, whole.subarray(0, Math.floor((whole.length * cut) / 50)));
    await extractTar(path, target).catch((thrown: unknown) => expect(thrown).toMatchObject({ name: 'AppError' }));
    for (const name of readdirSync(target))
      expect(readFileSync(join(target, name)).length, `${name} of ${cut}`).toBe(3000);
  }
});

test('a flipped bit in any header byte is refused or changes nothing but the file', async () => {
  const path = archive({ name: 'a.txt', content: Buffer.from('x') });
  const whole = readFileSync(path);
  let refusals = 0;
  for (let at = 0; at < 345; at++) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 4;
    writeFileSync(path, flipped);
    await extractTar(path, into).then(
      () => {},
      () => refusals++,
    );
    for (const name of readdirSync(into)) {
      expect(name).toBe('a.txt');
      rmSync(join(into, name));
    }
  }
  expect(refusals).toBeGreaterThan(340);
});

test('what is no archive, a missing file, a folder and too many files are refused', async () => {
  const noArchive = join(folder, 'model.tar');
  writeFileSync(noArchive, Buffer.alloc(2048, 0x50));
  await expect(extractTar(noArchive, into)).rejects.toThrow(refusal('model.unsupported', /not a tar archive/));
  await expect(extractTar(join(folder, 'none.tar'), into)).rejects.toThrow(
    expect.objectContaining({ code: 'file.missing' }),
  );
  await expect(extractTar(into, into)).rejects.toThrow(expect.objectContaining({ name: 'AppError' }));
  const many = Array.from({ length: 1001 }, (_, at) => ({ name: `d${at}/`, type: '5' }));
  await expect(extractTar(archive(...many), into)).rejects.toThrow(refusal('model.unsupported', /too many/));
});

test('unpacking can be cancelled', async () => {
  const path = archive({ name: 'inference.pdiparams', content: Buffer.alloc(5000) });
  await expect(extractTar(path, into, { signal: AbortSignal.abort() })).rejects.toThrow(
    expect.objectContaining({ code: 'aborted' }),
  );
});
