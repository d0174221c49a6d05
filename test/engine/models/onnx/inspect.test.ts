import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectOnnx } from '../../../../electron/engine/models/onnx/inspect.ts';
import { channelMeans, message } from '../../../support/models.ts';
import { fixture, seededRandom, withFlippedBit } from '../../../support/pictures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function inspect(bytes: Buffer): void {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  inspectOnnx(path, bytes.length);
}

const invalid: unknown = expect.objectContaining({ code: 'model.invalid' });

test('the bundled model passes, in milliseconds', () => {
  const path = new URL('../../../../models/resnext26-tags/model.onnx', import.meta.url).pathname;
  const started = performance.now();

  expect(() => inspectOnnx(path, statSync(path).size)).not.toThrow();
  expect(performance.now() - started).toBeLessThan(500);
});

describe('hostile files', () => {
  test.each([
    'external-absolute',
    'external-backslash',
    'external-dev-zero',
    'external-dot',
    'external-empty-location',
    'external-huge-length',
    'external-missing-file',
    'external-negative-offset',
    'external-proc-self-environ',
    'external-symlink-target',
    'external-traversal-etc-passwd',
    'custom-domain-op',
    'empty',
    'text',
    'truncated',
    'zeros-4k',
  ])('%s is refused', (name) => {
    expect(() => inspect(readFileSync(fixture('corpus', 'onnx', `${name}.onnx`)))).toThrow(invalid);
  });

  test('external data is found in constants, in branches and in local functions', () => {
    const external = message([[14, 1]]);
    const constant = message([[5, [[5, external]]]]);
    const branch = message([[5, [[6, [[1, [[5, [[6, [[5, external]]]]]]]]]]]]);
    const sparse = message([[15, [[1, external]]]]);

    for (const model of [
      message([[7, [[1, constant]]]]),
      message([[7, [[1, branch]]]]),
      message([[7, sparse]]),
      message([
        [7, []],
        [25, [[7, constant]]],
      ]),
    ]) {
      expect(() => inspect(model)).toThrow(invalid);
    }
  });

  test('graphs nested without end are refused', () => {
    let graph = message([]);
    for (let depth = 0; depth < 100; depth++) graph = message([[1, [[5, [[6, graph]]]]]]);

    expect(() => inspect(message([[7, graph]]))).toThrow(invalid);
  });

  test('flipped bits end in acceptance or model.invalid', () => {
    const random = seededRandom(1);
    const model = channelMeans();
    for (let round = 0; round < 300; round++) {
      try {
        inspect(withFlippedBit(model, random));
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'model.invalid' });
      }
    }
  });
});

test('operators of a local function of the file are allowed', () => {
  const domain = 'mine';
  const own = message([
    [7, [[1, [[7, domain]]]]],
    [8, [[1, domain]]],
    [
      25,
      [
        [1, 'f'],
        [10, domain],
      ],
    ],
  ]);

  expect(() => inspect(own)).not.toThrow();
  expect(() => inspect(message([[7, [[1, [[7, domain]]]]]]))).toThrow(invalid);
});
