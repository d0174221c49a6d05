/** @file Models, entries of the catalogue and proposals, with what a test cares about replaced. */
import type { CatalogueEntry, DownloadProgress } from '#core/catalogue.ts';
import type { ImportProposal } from '#core/model-import.ts';
import type { AgreementReport, FastVariant, Model, ModelSpeed } from '#core/model.ts';
import type { Preprocess } from '#core/preprocess.ts';
import { preprocessPreset } from '#core/preprocess-presets.ts';

export function preset(name: string): Preprocess {
  const found = preprocessPreset(name);
  if (!found) throw new Error(`No preset ${name}`);
  return found;
}

export function model(id: string, more: Partial<Model> = {}): Model {
  return {
    id,
    title: id,
    family: 'ResNeXt',
    description: '',
    licence: '',
    source: '',
    sizeBytes: 1,
    inputSize: { width: 224, height: 224 },
    preprocess: preset('torchvision-v1'),
    categoryCount: 10,
    hasFeatures: true,
    architecture: null,
    parameterCount: null,
    macCount: null,
    metrics: [],
    speed: null,
    fast: null,
    own: true,
    problem: null,
    ...more,
  };
}

export function agreement(more: Partial<AgreementReport> = {}): AgreementReport {
  return {
    imageCount: 400,
    agreement: 0.98,
    confident: { imageCount: 250, agreement: 0.995 },
    topFiveOverlap: 0.95,
    scoreDrift: { mean: 0.01, max: 0.1 },
    gate: { agreement: 0.97, confidentAgreement: 0.99, imageCount: 300 },
    passed: true,
    calibrationImageCount: 160,
    ranges: 'percentile',
    keptFloat: [],
    speedup: 2.4,
    madeMs: 0,
    ...more,
  };
}

export function fastVariant(more: Partial<FastVariant> = {}): FastVariant {
  return { sizeBytes: 1, own: true, report: agreement(), inUse: true, unusedBecause: null, ...more };
}

export function entry(id: string, more: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    id,
    title: id,
    origin: 'paddleclas',
    architecture: 'ResNeXt50_32x4d',
    top1: 0.7775,
    top5: 0.9382,
    parameterCount: 25_100_000,
    macCount: 4_260_000_000,
    inputSide: 224,
    preprocess: 'paddleclas',
    sizeBytes: 100,
    sha256: null,
    licence: 'Apache-2.0',
    nonCommercial: false,
    url: 'https://example.org/a.pdparams',
    source: 'https://example.org',
    speed: null,
    installed: false,
    ...more,
  };
}

export function progress(entryId: string, more: Partial<DownloadProgress> = {}): DownloadProgress {
  return {
    entryId,
    state: 'downloading',
    doneBytes: 0,
    totalBytes: null,
    bytesPerSecond: null,
    secondsLeft: null,
    sha256: null,
    error: null,
    ...more,
  };
}

/** @param milliseconds  at batch 1, 4 and 8 */
export function speed(milliseconds: [number, number, number], imagesPerSecond: number): ModelSpeed {
  const batches = [1, 4, 8].map((rows, index) => ({ rows, milliseconds: milliseconds[index]! }));
  return { provider: 'cpu', threads: 2, batches, imagesPerSecond, measuredMs: 0 };
}

export function proposal(more: Partial<ImportProposal> = {}): ImportProposal {
  return {
    importId: 7,
    fileName: 'birds.pth',
    format: 'pytorch',
    sizeBytes: 1000,
    architecture: 'ResNeXt50_32x4d',
    naming: 'torchvision',
    parameterCount: 23_000_000,
    macCount: 4_200_000_000,
    classCount: 3,
    input: { width: 224, height: 224, layout: 'NCHW', type: 'float32' },
    fixedRows: null,
    outputs: 'logits',
    hasFeatures: true,
    preprocess: [
      { name: 'torchvision-v2', preprocess: preset('torchvision-v2') },
      { name: 'paddleclas', preprocess: preset('paddleclas') },
    ],
    preprocessSure: true,
    labels: [{ source: 'numbers', count: 3, firstNames: ['class 0', 'class 1', 'class 2'] }],
    id: 'birds',
    title: 'birds',
    ...more,
  };
}
