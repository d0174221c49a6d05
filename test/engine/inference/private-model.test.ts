/** @file A model's file between the disk and the runtime: what is handed over, and that nothing of it stays. */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withModel, type ModelFile } from '../../../electron/engine/inference/private-model.ts';
import { sha256Of } from '../../../electron/engine/models/hash-file.ts';
import { temporaryFolder } from '../../support/library.ts';
import { onnxBytes, smallResnext } from '../../support/resnext-model.ts';

const arrange = { mergeWidth: 16, maps: true };
let file: ModelFile;
let bytes: Buffer;
let temporary: string;
beforeEach(async () => {
  const path = join(temporaryFolder(), 'model.onnx');
  bytes = await onnxBytes(smallResnext());
  writeFileSync(path, bytes);
  file = { path, sha256: await sha256Of(path) };
  temporary = temporaryFolder();
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => vi.unstubAllEnvs());

test('what is loaded lies in a folder of its own, which is gone afterwards', async () => {
  const path = await withModel(file, arrange, (model) => {
    expect(typeof model).toBe('string');
    expect(readdirSync(dirname(model as string)).sort()).toEqual(['model.onnx', 'weights']);
    return Promise.resolve(model as string);
  });

  expect(dirname(path)).not.toBe(dirname(file.path));
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(temporary)).toEqual([]);
});

test('nothing stays when the runtime refuses it', async () => {
  await expect(withModel(file, arrange, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

  expect(readdirSync(temporary)).toEqual([]);
});

test('a file that was changed is not loaded', async () => {
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(file.path, bytes);
  const create = vi.fn(() => Promise.resolve());

  await expect(withModel(file, arrange, create)).rejects.toMatchObject({ code: 'model.corrupt' });
  expect(create).not.toHaveBeenCalled();
});

test('a file that is gone is named as such', async () => {
  const gone = { ...file, path: `${file.path}.gone` };

  await expect(withModel(gone, arrange, () => Promise.resolve())).rejects.toMatchObject({ code: 'model.not-found' });
});

test('what runs elsewhere than on the processor gets the bytes as they are', async () => {
  let given: Uint8Array | undefined;
  await withModel(file, { ...arrange, maps: false }, (model) => {
    given = model as Uint8Array;
    expect(Buffer.from(given).equals(bytes)).toBe(true);
    return Promise.resolve();
  });

  expect(given!.length).toBe(0); // their memory was given back
});

test('bytes are handed over where no folder can be made, and where the graph is not for us to read', async () => {
  const isBytes = (model: string | Uint8Array) => Promise.resolve(model instanceof Uint8Array && model.length > 0);
  vi.stubEnv('TMPDIR', join(temporary, 'nowhere'));
  expect(await withModel(file, arrange, isBytes)).toBe(true);

  vi.stubEnv('TMPDIR', temporary);
  const odd = { path: `${file.path}.odd`, sha256: '' };
  writeFileSync(odd.path, 'no ONNX file');
  odd.sha256 = await sha256Of(odd.path);
  expect(await withModel(odd, arrange, isBytes)).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a file that is replaced meanwhile is not what is loaded', async () => {
  const seen = await withModel(file, { ...arrange, maps: false }, (model) => {
    writeFileSync(`${file.path}.other`, 'another model');
    renameSync(`${file.path}.other`, file.path);
    return Promise.resolve(Buffer.from(model as Uint8Array));
  });

  expect(seen.equals(bytes)).toBe(true);
});
