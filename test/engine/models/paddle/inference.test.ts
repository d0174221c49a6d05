import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPaddleInference } from '../../../../electron/engine/models/paddle/index.ts';
import { pdiparams } from '../../../support/paddle/params.ts';
import { PdmodelWriter } from '../../../support/paddle/pdmodel.ts';
import { PirWriter } from '../../../support/paddle/pir.ts';
import { largestDifference, runModel } from '../../../support/paddle/run.ts';
import { programWeights, readTiny, writeTiny } from '../../../support/paddle/tiny.ts';

const tiny = readTiny();
const weights = pdiparams(programWeights(tiny));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paddle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pdmodel(end: 'flatten' | 'reshape' = 'reshape'): Buffer {
  const writer = new PdmodelWriter();
  writeTiny(writer, tiny, end);
  return writer.encode();
}

function pir(end: 'flatten' | 'reshape' = 'reshape'): Buffer {
  const writer = new PirWriter();
  writeTiny(writer, tiny, end);
  return writer.encode();
}

function put(files: Record<string, Buffer>, into = folder): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(into, name), content);
}

for (const end of ['reshape', 'flatten'] as const) {
  test(`a .pdmodel that ends with ${end} gives torch's scores and features`, async () => {
    put({ 'inference.pdmodel': pdmodel(end), 'inference.pdiparams': weights });
    using opened = openPaddleInference(folder);
    const outputs = await runModel(opened.model, folder, tiny.input);

    const { 'save_infer_model/scale_0.tmp_1': scores, features } = outputs;
    expect(largestDifference(scores!.values, tiny.scores.values)).toBeLessThan(1e-5);
    expect(largestDifference(features!.values, tiny.features.values)).toBeLessThan(1e-4);
    expect(features!.shape).toEqual([2, 24]);
  });

  test(`a Paddle 3 program that ends with ${end} gives torch's scores and features`, async () => {
    put({ 'inference.json': pir(end), 'inference.pdiparams': weights });
    using opened = openPaddleInference(folder);
    const { fetch_name_0: scores, features } = await runModel(opened.model, folder, tiny.input);

    expect(largestDifference(scores!.values, tiny.scores.values)).toBeLessThan(1e-5);
    expect(largestDifference(features!.values, tiny.features.values)).toBeLessThan(1e-4);
  });
}

test('edges of the graph keep the names and sizes of the program, with a free batch', () => {
  put({ 'inference.pdmodel': pdmodel(), 'inference.pdiparams': weights });
  using opened = openPaddleInference(folder);

  const { graph, opsets } = opened.model;
  expect(graph.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', 3, 18, 18] }]);
  expect(graph.outputs).toEqual([
    { name: 'save_infer_model/scale_0.tmp_1', type: 'float32', shape: ['N', 5] },
    { name: 'features', type: 'float32', shape: ['N', 24] },
  ]);
  expect(opsets).toEqual(new Map([['', 17]]));
  expect(opened.format).toBe('paddle-inference');
});

test('every weight of the program is in the graph, and nothing of training', () => {
  put({ 'inference.json': pir(), 'inference.pdiparams': weights });
  using opened = openPaddleInference(folder);

  const { initializers, nodes } = opened.model.graph;
  for (const name of programWeights(tiny).keys()) expect(initializers.has(name), name).toBe(true);
  expect(nodes.every(({ outputs }) => outputs.length === 1)).toBe(true);
  expect(nodes.filter(({ operator }) => operator === 'Conv')).toHaveLength(14);
  expect(nodes.at(-1)).toMatchObject({ operator: 'Softmax', outputs: ['fetch_name_0'] });
});

test('a batch of four gives each picture what it gets alone', async () => {
  put({ 'inference.pdmodel': pdmodel(), 'inference.pdiparams': weights });
  using opened = openPaddleInference(folder);
  const twice = Float32Array.of(...tiny.input.values, ...tiny.input.values);
  const outputs = await runModel(opened.model, folder, { shape: [4, 3, 18, 18], values: twice });

  const scores = outputs['save_infer_model/scale_0.tmp_1']!.values;
  expect(largestDifference(scores.subarray(0, 10), tiny.scores.values)).toBeLessThan(1e-5);
  expect(largestDifference(scores.subarray(10), tiny.scores.values)).toBeLessThan(1e-5);
});

test('either file of a pair opens it, also under another name', () => {
  put({ 'resnext.pdmodel': pdmodel(), 'resnext.pdiparams': weights, 'resnext.pdiparams.info': Buffer.from('info') });
  for (const path of [folder, join(folder, 'resnext.pdmodel'), join(folder, 'resnext.pdiparams')]) {
    using opened = openPaddleInference(path);
    expect(opened.path).toBe(join(folder, 'resnext.pdiparams'));
    expect(opened.format).toBe('paddle-inference');
  }
});

test('where both forms of a program lie, the chosen one is taken, and the new one of a folder', () => {
  put({ 'inference.pdmodel': pdmodel(), 'inference.json': pir(), 'inference.pdiparams': weights });
  using folderOpened = openPaddleInference(folder);
  using chosen = openPaddleInference(join(folder, 'inference.pdmodel'));
  expect([folderOpened.format, chosen.format]).toEqual(['paddle-json', 'paddle-inference']);
});

test('a folder with several models asks for a file; `inference` is the usual one', () => {
  const two = join(folder, 'two');
  mkdirSync(two);
  put({ 'a.pdmodel': pdmodel(), 'a.pdiparams': weights, 'b.json': pir(), 'b.pdiparams': weights }, two);
  expect(() => openPaddleInference(two)).toThrow(expect.objectContaining({ code: 'model.unsupported' }));

  put({ 'inference.json': pir(), 'inference.pdiparams': weights }, two);
  using opened = openPaddleInference(two);
  expect(opened.path).toBe(join(two, 'inference.pdiparams'));
});

test('a missing half, an empty folder and a folder in place of a file are refused by name', () => {
  put({ 'lonely.pdmodel': pdmodel(), 'weights.pdiparams': weights });
  mkdirSync(join(folder, 'weights.json'));
  const missing = expect.objectContaining({ code: 'file.missing' });
  expect(() => openPaddleInference(join(folder, 'lonely.pdmodel'))).toThrow(missing);
  expect(() => openPaddleInference(join(folder, 'nothing'))).toThrow(missing);
  expect(() => openPaddleInference(join(folder, 'weights.json'))).toThrow(missing);
  expect(() => openPaddleInference(join(folder, 'weights.pdiparams'))).toThrow(
    expect.objectContaining({ code: 'file.not-regular' }),
  );
});

test('weights cannot be read once the model is closed', () => {
  put({ 'inference.pdmodel': pdmodel(), 'inference.pdiparams': weights });
  const opened = openPaddleInference(folder);
  const tensor = opened.model.graph.initializers.get('linear_0.w_0')!;
  expect(tensor.bytes()).toHaveLength(24 * 5 * 4);
  opened[Symbol.dispose]();
  expect(() => tensor.bytes()).toThrow(expect.objectContaining({ code: 'internal' }));
});
