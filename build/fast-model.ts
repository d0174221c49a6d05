/**
 * @file The integer form of the bundled model, made from nothing but what lies in this repository.
 *
 *     node build/fast-model.ts                     make it again and compare it with the one that lies there
 *     node build/fast-model.ts --check <folder>…   make it, compare it with the float form on the photos there, keep both
 *
 * Ranges are measured on parts of the sample photos. Photos to check with do not come along; of those that are given, some
 * tell which way of choosing ranges is best, and the others, which had no part in it, check what came of it.
 */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import sharp from 'sharp';
import type { AgreementReport } from '../electron/core/model.ts';
import { defaultGate, passes } from '../electron/engine/models/fast/agreement.ts';
import { calibrate } from '../electron/engine/models/fast/calibration-run.ts';
import { rangeKinds, rangesOf } from '../electron/engine/models/fast/candidates.ts';
import { decodePhotos } from '../electron/engine/models/fast/decoded-photos.ts';
import { compare } from '../electron/engine/models/fast/find-variant.ts';
import { openFloatGraph } from '../electron/engine/models/fast/float-graph.ts';
import { photosIn } from '../electron/engine/models/fast/folder-photos.ts';
import { shuffle } from '../electron/engine/models/fast/photo-plan.ts';
import { timeForms } from '../electron/engine/models/fast/time-forms.ts';
import { readVariant, variantFiles, writeVariant } from '../electron/engine/models/fast/variant-file.ts';
import type { InstalledModel } from '../electron/engine/models/manifest.ts';
import { quantize } from '../electron/engine/models/onnx/quantize.ts';
import { writeOnnx } from '../electron/engine/models/onnx/write.ts';
import { openRegistry } from '../electron/engine/models/registry.ts';

const root = join(import.meta.dirname, '..');
const samples = join(root, 'test/fixtures/photos');
const modelId = 'resnext26-tags';

/** It costs a thousandth of the time, and keeping it float gains agreement. */
const kept = { floatFirstConvolution: false, floatClassifier: true };
/** Photos that tell which ranges to take; the others check what came of it. */
const choosingCount = 256;
/** Share of bytes that may differ on another processor. */
const tolerance = 0.01;
/** Parts of each sample: the whole square first, then squares of a quarter of its side or more, half of them mirrored. */
const partsOfEach = 24;

/** Numbers in [0, 1). Source: mulberry32, Tommy Ettinger, public domain. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function cutParts(folder: string): Promise<string[]> {
  const random = seeded(7);
  const files: string[] = [];
  for (const name of (await readdir(samples)).filter((file) => file.endsWith('.jpg')).sort()) {
    const upright = sharp(join(samples, name)).autoOrient().toColourspace('srgb').removeAlpha();
    const { data, info } = await upright.raw().toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const shortSide = Math.min(info.width, info.height);
    for (let part = 0; part < partsOfEach; part++) {
      const side = Math.floor(shortSide * (part === 0 ? 1 : 0.25 + 0.75 * random()));
      const left = Math.floor(random() * (info.width - side + 1));
      const top = Math.floor(random() * (info.height - side + 1));
      let square = sharp(data, { raw }).extract({ left, top, width: side, height: side });
      if (random() < 0.5) square = square.flop();
      const file = join(folder, `${files.length}.png`);
      // Without loss, so that only the model's own way of decoding counts.
      await square.png({ compressionLevel: 1 }).toFile(file);
      files.push(file);
    }
  }
  return files;
}

interface Calibrated extends AsyncDisposable {
  count: number;
  make(kind: AgreementReport['ranges']): Promise<InstalledModel>;
}

async function calibrateOn(model: InstalledModel, folder: string): Promise<Calibrated> {
  const parts = join(folder, 'parts');
  await mkdir(parts);
  const files = await cutParts(parts);
  await using decoded = await decodePhotos(join(folder, 'parts.raw'), files, model.manifest, {
    wanted: files.length,
    onProgress: () => undefined,
  });
  async function* pictures() {
    for (let index = 0; index < decoded.count; index++) yield await decoded.read(index);
  }
  const graph = openFloatGraph(join(model.folder, model.manifest.file));
  // One thread, so that sums are added in one order.
  const { calibration, inputs } = await calibrate(graph, model.manifest, pictures(), { threads: 1, folder });
  return {
    count: decoded.count,
    async make(kind) {
      const integers = quantize(graph, { ...kept, ranges: rangesOf(calibration, kind), inputs, weightBits: 8 });
      const name = `${kind}.onnx`;
      const file = await writeOnnx(join(folder, name), integers);
      return { ...model, folder, manifest: { ...model.manifest, file: name, ...file }, sha256: file.sha256 };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(graph[Symbol.dispose]()),
  };
}

async function check(model: InstalledModel, folder: string, folders: string[]): Promise<void> {
  await using calibrated = await calibrateOn(model, folder);
  const files = (await Promise.all(folders.map((path) => photosIn(resolve(path))))).flat();
  // Photos that ranges were measured on prove nothing.
  const known = new Set(await readdir(samples));
  const others = shuffle(files, 1).filter((file) => !known.has(basename(file)));
  await using decoded = await decodePhotos(join(folder, 'photos.raw'), others, model.manifest, {
    wanted: others.length,
    onProgress: () => undefined,
  });
  const compareOn = (made: InstalledModel, from: number, count: number) =>
    compare(model, made, decoded, { from, count }, 1, () => undefined);

  let chosen: { kind: AgreementReport['ranges']; made: InstalledModel; error: number } | null = null;
  for (const kind of rangeKinds) {
    const made = await calibrated.make(kind);
    const { error, agreement } = await compareOn(made, 0, choosingCount);
    console.log(`${kind}: ${agreement.toFixed(4)}, error ${error.toFixed(5)}`);
    if (!chosen || error < chosen.error) chosen = { kind, made, error };
  }
  const { kind, made } = chosen!;
  const { error: _, ...found } = await compareOn(made, choosingCount, decoded.count - choosingCount);
  const report: AgreementReport = {
    ...found,
    gate: { ...defaultGate },
    passed: passes(found, defaultGate),
    calibrationImageCount: calibrated.count,
    ranges: kind,
    keptFloat: ['classifier'],
    speedup: await timeForms(model, made, await decoded.read(0), () => undefined),
    madeMs: Date.now(),
  };
  console.log(report);
  if (!report.passed) throw new Error('It does not agree enough, so nothing was kept');
  const { sha256, sizeBytes, file } = made.manifest;
  const target = join(model.folder, 'int8');
  await mkdir(target, { recursive: true });
  await copyFile(join(folder, file), join(target, variantFiles.model));
  await writeVariant(target, {
    version: 1,
    original: { sha256: model.sha256 },
    sha256,
    sizeBytes,
    weightBits: 8,
    report,
  });
  console.log(`Kept ${target}, made from the float file ${model.sha256}`);
}

/**
 * Sums that a processor adds in another order differ in their last digits, and with them a few steps of a few weights.
 *
 * @returns the share of bytes that differ from those of the one that lies there
 */
async function reproduce(model: InstalledModel, folder: string): Promise<number> {
  const target = join(model.folder, 'int8');
  const shipped = await readVariant(target, model.manifest);
  if (!shipped) throw new Error('There is none yet: make one with --check');
  await using calibrated = await calibrateOn(model, folder);
  const { manifest } = await calibrated.make(shipped.report.ranges);
  console.log(`float ${model.sha256}\nmade  ${manifest.sha256}\nthere ${shipped.sha256}`);
  const [made, there] = await Promise.all(
    [join(folder, manifest.file), join(target, variantFiles.model)].map((path) => readFile(path)),
  );
  if (made!.length !== there!.length) return 1;
  return made!.reduce((count, byte, index) => count + (byte === there![index] ? 0 : 1), 0) / made!.length;
}

const model = await openRegistry([join(root, 'models')]).get(modelId);
const folder = await mkdtemp(join(tmpdir(), 'labelwright-fast-'));
try {
  const [flag, ...folders] = process.argv.slice(2);
  if (flag === '--check' && folders.length > 0) await check(model, folder, folders);
  else {
    const differing = await reproduce(model, folder);
    console.log(differing === 0 ? 'The same bytes' : `${(differing * 100).toFixed(3)} % of the bytes differ`);
    process.exitCode = differing <= tolerance ? 0 : 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
