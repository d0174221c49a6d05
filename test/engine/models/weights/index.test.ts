import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWeights } from '../../../../electron/engine/models/weights/index.ts';
import { temporaryFolder } from '../../../support/library.ts';
import { dict, op, pickle, text } from '../../../support/pickle.ts';
import { weightFixture } from '../../../support/weights.ts';

function refusal(path: string): string {
  try {
    openWeights(path)[Symbol.dispose]();
    return '';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

function written(bytes: Uint8Array, name = 'weights'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

test('the extension plays no part', () => {
  const formats = ['types.pth', 'types.legacy.pth', 'types.safetensors'].map((name) => {
    using file = openWeights(written(readFileSync(weightFixture(name)), 'weights.onnx'));
    return file.format;
  });

  expect(formats).toEqual(['pytorch', 'pytorch-legacy', 'safetensors']);
});

test('a pickle of something else than PyTorch goes to the reader of Paddle files', () => {
  const nothing = pickle(op('PROTO', 2), dict([text('epoch'), 'NONE']), 'STOP');

  expect(refusal(written(nothing))).toBe('model.unsupported: The file holds no weights: no dict of arrays by name');
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([0x80])],
  ['zeros', Buffer.alloc(5000)],
  ['text', Buffer.from('these are no weights\n'.repeat(100))],
  ['a web page', Buffer.from('<!doctype html><title>404</title>')],
  ['the start of an archive', Buffer.from('PK\u0003\u0004')],
  ['noise', Buffer.from('9f3a61c07be51d', 'hex')],
])('%s is refused in a sentence', (_, bytes) => {
  expect(refusal(written(bytes))).toMatch(/^model\.(?:unsupported|corrupt): The .{15,}$/);
});

test('a tar archive is told to be unpacked', () => {
  const bytes = Buffer.alloc(1024);
  bytes.write('weights.pth', 0);
  bytes.write('ustar', 257);

  expect(refusal(written(bytes))).toContain('model.unsupported: The file is a tar archive');
});

test('what is no regular file is refused without waiting for it', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'folder'));

  expect(refusal(join(folder, 'nowhere'))).toContain('file.missing');
  expect(refusal(join(folder, 'a\0b'))).toContain('file.bad-name');
  expect(refusal(join(folder, 'folder'))).toContain('file.not-regular');
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(refusal(join(folder, 'pipe'))).toContain('file.not-regular');
  }
});

test('a file that changes after it was opened is no longer believed', () => {
  const path = join(temporaryFolder(), 'weights');
  copyFileSync(weightFixture('types.safetensors'), path);
  using file = openWeights(path);
  expect(file.tensors.get('float32')!.bytes()).toHaveLength(24);
  appendFileSync(path, 'more');

  expect(() => file.tensors.get('float32')!.bytes()).toThrow('The file changed while it was read');
});

test('no file stays open, whether its weights were read or refused', () => {
  const open = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
  const before = open();
  for (const name of ['types.pth', 'types.legacy.pth', 'types.safetensors']) {
    const file = openWeights(weightFixture(name));
    file[Symbol.dispose]();
    file[Symbol.dispose]();
    expect(() => file.tensors.get('float32')!.bytes()).toThrow('closed');
  }
  for (const name of ['module.pth', 'module.legacy.pth', 'script.pt', 'make.py', 'sets.protocol4.pkl']) {
    expect(refusal(weightFixture(name))).toMatch(/^model\.unsupported/);
  }

  expect(open()).toBe(before);
});
