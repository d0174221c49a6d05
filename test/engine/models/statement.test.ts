import { expect, test } from 'vitest';
import { encodeModel } from '../../../electron/engine/models/onnx/encode-model.ts';
import type { OnnxModel } from '../../../electron/engine/models/onnx/model.ts';
import { readOnnxBytes } from '../../../electron/engine/models/onnx/read.ts';
import { readStatement, withStatement, type Statement } from '../../../electron/engine/models/statement.ts';
import { graphModel, node } from '../../support/onnx-run.ts';

const statement: Statement = {
  version: 1,
  title: 'Holidays',
  licence: 'CC0-1.0',
  preprocess: {
    fit: 'short-side',
    shortSide: 8,
    cropWidth: 8,
    cropHeight: 8,
    kernel: 'cubic',
    antialias: true,
    rounding: 'paddleclas',
    channels: 'bgr',
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  labels: [
    { name: '生日', supercategory: 'party', wordnetId: null, path: ['party'] },
    { name: 'dog', supercategory: '', wordnetId: 'n02084071', path: [] },
  ],
  multiLabel: true,
  base: { id: 'a', sha256: 'f'.repeat(64) },
  createdMs: 5,
};
const model = graphModel([node('Relu', ['x'], 'y')], {}, ['N', 2]);

function written(made: OnnxModel): OnnxModel {
  return readOnnxBytes(
    Buffer.concat(encodeModel(made).map((piece) => (piece instanceof Uint8Array ? piece : piece.bytes()))),
  );
}

test('a statement survives being written, beside the notes of others', () => {
  const noted = withStatement({ ...model, metadata: new Map([['author', 'me']]) }, statement);
  const read = written(noted);

  expect(readStatement(read)).toEqual(statement);
  expect(read.metadata?.get('author')).toBe('me');
  expect(written(model).metadata).toBeUndefined();
});

test.each([
  ['no JSON', '{'],
  ['of another version', JSON.stringify({ ...statement, version: 2 })],
  ['without labels', JSON.stringify({ ...statement, labels: [] })],
  ['with one name twice', JSON.stringify({ ...statement, labels: [statement.labels[0], statement.labels[0]] })],
  [
    'with a crop that does not fit',
    JSON.stringify({ ...statement, preprocess: { ...statement.preprocess, cropWidth: 9 } }),
  ],
])('a statement that is %s counts as none', (_, text) => {
  expect(readStatement({ ...model, metadata: new Map([['labelwright', text]]) })).toBeNull();
});
