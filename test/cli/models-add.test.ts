import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Model } from '../../electron/core/model.ts';
import { photosFolder } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';
import { writeRandomPdparams } from '../support/paddleclas.ts';
import { weightFixture } from '../support/weights.ts';
import { jsonLines, runLabelwright } from './labelwright.ts';

describe('labelwright models add', () => {
  test('PaddleClas weights become a model that labels the sample photos', { timeout: 180_000 }, async () => {
    const home = temporaryFolder();
    const weights = join(home, 'ResNeXt50_vd_32x4d_pretrained.pdparams');
    await writeRandomPdparams(weights, 'ResNeXt50_vd_32x4d');
    const added = await runLabelwright(['models', 'add', weights, '--yes', '--json'], home);

    expect(added.stderr).toMatch(/Recognised\s+ResNeXt50_vd_32x4d/);
    expect(added.stderr).toMatch(/paddleclas: OpenCV bilinear 256 → 224/);
    expect(added.code).toBe(0);
    const [model] = jsonLines<Model>(added.stdout);
    expect(model).toMatchObject({ id: 'resnext50-vd-32x4d', categoryCount: 1000, hasFeatures: true, own: true });
    const csv = join(home, 'labels.csv');
    const options = ['--model', 'resnext50-vd-32x4d', '--library', join(home, 'x.labelwright'), '--csv', csv];
    const labeled = await runLabelwright(['label', photosFolder, ...options], home);
    expect(labeled.code).toBe(0);
    const rows = readFileSync(csv, 'utf8').trim().split('\r\n');
    expect(rows).toHaveLength(1 + 8 * 5);
    expect(rows.slice(1).every((row) => /,done,/.test(row) && !/class \d/.test(row))).toBe(true);
  });

  test('a .pth with a list of labels and a preprocessing of the person', { timeout: 60_000 }, async () => {
    const home = temporaryFolder();
    const labels = Array.from('abcdefghij', (letter) => `label ${letter}`);
    writeFileSync(join(home, 'labels.txt'), labels.join('\n'));
    const args = ['models', 'add', weightFixture('torchvision.pth'), '--id', 'mine', '--title', 'My own'];
    const choices = ['--labels', join(home, 'labels.txt'), '--preprocess', 'timm:resnext50_32x4d.a1h_in1k'];
    const added = await runLabelwright([...args, ...choices, '--licence', 'MIT', '--yes', '--json'], home);

    expect(jsonLines<Model>(added.stdout)).toMatchObject([
      { id: 'mine', title: 'My own', licence: 'MIT', preprocess: { shortSide: 235, kernel: 'cubic' }, problem: null },
    ]);
    const folder = join(home, 'Labelwright/models/mine');
    expect(readFileSync(join(folder, 'labels.json'), 'utf8')).toContain('label j');
  });

  test('without --yes and without a terminal nothing is added', { timeout: 60_000 }, async () => {
    const home = temporaryFolder();
    const exit = await runLabelwright(['models', 'add', weightFixture('torchvision.pth')], home);

    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(/Add --yes/);
    expect(existsSync(join(home, 'Labelwright/models/torchvision'))).toBe(false);
  });

  test.each([
    ['a missing file', ['nowhere.pth'], /no longer there|nowhere/],
    ['a preprocessing nobody knows', ['PTH', '--preprocess', 'keras'], /no preprocessing called "keras"/],
    ['a whole module', ['MODULE'], /whole program object.*state_dict/],
  ])('%s ends in a sentence', { timeout: 60_000 }, async (_, args, message) => {
    const home = temporaryFolder();
    const names: Record<string, string> = { PTH: 'torchvision.pth', MODULE: 'module.pth' };
    const resolved = args.map((arg) => (names[arg] === undefined ? arg : weightFixture(names[arg])));
    const exit = await runLabelwright(['models', 'add', ...resolved, '--yes'], home);

    expect(exit.code).not.toBe(0);
    expect(exit.stderr.trim().split('\n').at(-1)).toMatch(message);
  });
});
