import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { preprocessPreset } from '../../../electron/core/preprocess-presets.ts';
import { catalogue, knownWeights } from '../../../electron/engine/models/catalogue.ts';
import { architectures } from '../../../electron/engine/models/catalogue/architectures.ts';
import { paddleclas } from '../../../electron/engine/models/catalogue/paddleclas.ts';
import { countResnext } from '../../../electron/engine/models/resnext/count.ts';
import { parseArchitecture } from '../../../electron/engine/models/resnext/names.ts';
import { catalogueTable } from '../../support/catalogue-table.ts';

/** The table of PaddleClas: top-1, top-5, FLOPs (G), Params (M). */
const paddleclasTable = `
ResNeXt50_32x4d     | 0.7775 | 0.9382 |  4.26 |  25.10
ResNeXt50_vd_32x4d  | 0.7956 | 0.9462 |  4.50 |  25.12
ResNeXt50_64x4d     | 0.7843 | 0.9413 |  8.02 |  45.29
ResNeXt50_vd_64x4d  | 0.8012 | 0.9486 |  8.26 |  45.31
ResNeXt101_32x4d    | 0.7865 | 0.9419 |  8.01 |  44.32
ResNeXt101_vd_32x4d | 0.8033 | 0.9512 |  8.25 |  44.33
ResNeXt101_64x4d    | 0.7835 | 0.9452 | 15.52 |  83.66
ResNeXt101_vd_64x4d | 0.8078 | 0.9520 | 15.76 |  83.68
ResNeXt152_32x4d    | 0.7898 | 0.9433 | 11.76 |  60.15
ResNeXt152_vd_32x4d | 0.8072 | 0.9520 | 12.01 |  60.17
ResNeXt152_64x4d    | 0.7951 | 0.9471 | 23.03 | 115.27
ResNeXt152_vd_64x4d | 0.8108 | 0.9534 | 23.27 | 115.29`;

test('the twelve variants of PaddleClas have the numbers of its table', () => {
  const rows = paddleclasTable
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const found = paddleclas
    .slice(0, 12)
    .map(({ architecture, top1, top5, macCount, parameterCount }) => [
      architecture,
      top1?.toFixed(4),
      top5?.toFixed(4),
      (macCount / 1e9).toFixed(2),
      (parameterCount / 1e6).toFixed(2),
    ]);
  expect(found).toEqual(rows);
});

test('there are the entries of all publishers', () => {
  const counts = Object.groupBy(catalogue, ({ origin }) => origin);
  expect(Object.entries(counts).map(([origin, entries]) => [origin, entries.length])).toEqual([
    ['paddleclas', 17],
    ['torchvision', 5],
    ['timm', 26],
    ['deepghs', 9],
  ]);
});

describe.each(catalogue.map((entry) => [entry.id, entry] as const))('%s', (id, entry) => {
  test('has an id of its own that a model may have', () => {
    expect(id).toMatch(/^[a-z0-9][a-z0-9._-]{0,99}$/);
    expect(catalogue.filter((other) => other.id === id || other.url === entry.url)).toHaveLength(1);
    expect(catalogue.filter(({ title }) => title === entry.title)).toHaveLength(1);
    expect(knownWeights(id.toUpperCase().replaceAll('-', '_'))).toBe(entry);
  });

  test('lies at an encrypted address, and so does what is said of it', () => {
    for (const address of [entry.url, entry.source]) expect(address).toMatch(/^https:\/\/[\w./-]+$/);
    expect(entry.url).toMatch(/\.(?:pdparams|pth|safetensors|onnx)$/);
  });

  test('is of an architecture with the size and work it states', () => {
    const architecture = parseArchitecture(entry.architecture)!;
    const counts = countResnext(architecture, entry.inputSide);
    if (entry.origin === 'paddleclas') {
      // Counted with the running statistics, and published with four digits.
      expect(Math.abs(entry.parameterCount - counts.storedCount)).toBeLessThan(0.0051e6);
      expect(Math.abs(entry.macCount / counts.macCount - 1)).toBeLessThan(0.01);
    } else {
      expect(entry).toMatchObject({ parameterCount: counts.parameterCount, macCount: counts.macCount });
    }
    expect(Math.abs(entry.sizeBytes / (counts.storedCount * 4) - 1)).toBeLessThan(0.01);
  });

  test('is preprocessed in a known way to the side of its input', () => {
    expect(preprocessPreset(entry.preprocess)).toMatchObject({
      cropWidth: entry.inputSide,
      cropHeight: entry.inputSide,
    });
  });

  test('has shares as accuracy', () => {
    expect(entry.top1).toBeGreaterThan(0.77);
    expect(entry.top5).toBeGreaterThan(entry.top1!);
    expect(entry.top5).toBeLessThan(0.99);
  });

  test('is marked when it may not be used commercially', () => {
    // All of these come from Facebook's pictures of Instagram and Flickr.
    expect(entry.nonCommercial).toBe(/_wsl$|\.fb_/.test(entry.publishedName));
    expect(entry.licence.startsWith('CC-BY-NC-4.0')).toBe(entry.nonCommercial);
  });

  test('has sums of the right form, where any', () => {
    if (entry.sha256 !== null) expect(entry.sha256).toMatch(/^[0-9a-f]{64}$/);
    const inName = /-([0-9a-f]{8})\.pth$/.exec(entry.url)?.[1] ?? null;
    expect(entry.sha256Prefix).toBe(inName);
  });

  test('is none of the files of the ONNX zoo that hold something else than their name says', () => {
    expect(entry.url).not.toMatch(/onnx\/models|onnxmodelzoo|\/ig_resnext/);
    const [, width] = /101_(32x\d+d)/.exec(entry.publishedName) ?? [];
    if (width) expect(entry.architecture).toContain(width);
  });

  test('has its row in docs/models.md', () => {
    const page = readFileSync(new URL('../../../docs/models.md', import.meta.url), 'utf8');
    expect(page).toContain(catalogueTable([entry]).split('\n').at(-1));
  });
});

test('every architecture is counted right, with its running statistics', () => {
  for (const [name, facts] of Object.entries(architectures)) {
    for (const [side, macCount] of Object.entries(facts.macCounts)) {
      const counts = countResnext(parseArchitecture(name)!, Number(side));
      expect([facts.parameterCount, facts.statisticCount, macCount]).toEqual([
        counts.parameterCount,
        counts.storedCount - counts.parameterCount,
        counts.macCount,
      ]);
    }
  }
});

test('what is not in the catalogue is not found', () => {
  expect(() => knownWeights('timm.resnext26ts.ra2-in1k')).toThrow(/no weights "timm\.resnext26ts\.ra2-in1k"/);
});
