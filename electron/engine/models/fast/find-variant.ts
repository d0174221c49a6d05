/** @file The making itself: calibrate, try candidates on photos held out, check the chosen one on others, time it. */
import { join } from 'node:path';
import type { AgreementReport } from '#core/model.ts';
import { openSession, type Session } from '../../inference/session.ts';
import type { InstalledModel } from '../manifest.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { quantize } from '../onnx/quantize.ts';
import { writeOnnx } from '../onnx/write.ts';
import { AgreementCounter, defaultGate, passes, type Agreement, type Gate } from './agreement.ts';
import { calibrate, type Calibrated } from './calibration-run.ts';
import { keptSteps, rangeKinds, rangesOf, type Candidate } from './candidates.ts';
import { decodePhotos, type DecodedPhotos } from './decoded-photos.ts';
import { openFloatGraph } from './float-graph.ts';
import { OptimizeClock } from './optimize-clock.ts';
import type { OptimizeRequest, OptimizeResult, OptimizeStep } from './optimize-protocol.ts';
import { planPhotos, wantedPhotos } from './photo-plan.ts';
import { timeForms, timingRounds } from './time-forms.ts';
import { variantFiles } from './variant-file.ts';

/**
 * What a candidate has to reach on the photos that it is chosen by: more than the gate, because the best of several is
 * partly lucky, and other photos decide.
 */
const choosingGate: Gate = { agreement: 0.977, confidentAgreement: 0.99, imageCount: 0 };
/** Pictures per `session.run`. */
const rows = 4;

type Tell = (step: OptimizeStep) => void;

/**
 * @returns what was made, whether it passed or not
 * @throws {AppError} 'model.too-few-photos', 'model.unsupported', 'model.invalid', 'inference.failed', 'disk.full'
 */
export async function findVariant(request: OptimizeRequest, tell: Tell): Promise<OptimizeResult> {
  const { model, photos, folder, threads } = request;
  const wanted = Math.min(wantedPhotos, photos.length);
  const clock = new OptimizeClock(
    { reading: wanted, calibrating: wanted / 5, choosing: wanted / 4, checking: wanted / 2, timing: timingRounds },
    tell,
  );
  await using decoded = await decodePhotos(join(folder, 'photos.raw'), photos, model.manifest, {
    wanted,
    onProgress: (done) => clock.advance('reading', done),
  });
  const plan = planPhotos(decoded.count);
  clock.expect('calibrating', plan.calibration);
  clock.expect('checking', plan.checking);
  const choosing = { from: plan.calibration, count: plan.choosing };
  const checking = { from: plan.calibration + plan.choosing, count: plan.checking };

  using graph = openFloatGraph(join(model.folder, model.manifest.file));
  const calibrated = await calibrate(graph, model.manifest, part(decoded, { from: 0, count: plan.calibration }), {
    threads,
    folder,
    onProgress: (done) => clock.advance('calibrating', done),
  });
  const chosen = await choose(request, graph, calibrated, decoded, choosing, clock);

  const made = await writeCandidate(request, graph, calibrated, chosen, variantFiles.model);
  const found = await compare(model, made.model, decoded, checking, threads, (done) => clock.advance('checking', done));
  const speedup = await timeForms(model, made.model, await decoded.read(0), (done) => clock.advance('timing', done));
  return { ...made.file, report: reportOf(found, chosen, plan.calibration, speedup) };
}

/** The fastest that agrees enough; if none does, the one that agrees most. */
async function choose(
  request: OptimizeRequest,
  graph: OnnxModel,
  calibrated: Calibrated,
  photos: DecodedPhotos,
  range: PhotoRange,
  clock: OptimizeClock,
): Promise<Candidate> {
  const { model, threads } = request;
  const steps = keptSteps(graph);
  // Most models need the second step at most; the clock is told when one needs more.
  const expectSteps = (count: number) => clock.expect('choosing', range.count * (1 + count * rangeKinds.length));
  expectSteps(2);
  let done = 0;
  const advance = () => clock.advance('choosing', ++done);

  const float: Float32Array[] = [];
  await using session = await sessionOf(model, 0, threads);
  for await (const scores of scoresOf(session, photos, range)) {
    // What the float form itself cannot say is no fault of the other; it agrees with nothing.
    float.push(scores ?? new Float32Array());
    advance();
  }
  let best: Tried | null = null;
  for (const [index, kept] of steps.entries()) {
    expectSteps(Math.max(2, index + 1));
    const tried: Tried[] = [];
    for (const ranges of rangeKinds) {
      const candidate: Candidate = { ranges, ...kept };
      const made = await writeCandidate(request, graph, calibrated, candidate, 'candidate.onnx');
      await using integers = await sessionOf(made.model, 0, threads);
      const counter = new AgreementCounter(model.manifest.unsureBelow);
      let photo = 0;
      for await (const scores of scoresOf(integers, photos, range)) {
        counter.add(float[photo++]!, scores);
        advance();
      }
      tried.push({ candidate, agreement: counter.finish() });
    }
    const closest = tried.reduce((one, other) => (other.agreement.error < one.agreement.error ? other : one));
    if (passes(closest.agreement, choosingGate)) return closest.candidate;
    if (!best || closest.agreement.agreement >= best.agreement.agreement) best = closest;
  }
  return best!.candidate;
}

interface Tried {
  candidate: Candidate;
  agreement: Agreement;
}

interface Made {
  file: { sha256: string; sizeBytes: number };
  model: InstalledModel;
}

async function writeCandidate(
  { model, folder, weightBits }: OptimizeRequest,
  graph: OnnxModel,
  { calibration, inputs }: Calibrated,
  { ranges, kept }: Candidate,
  name: string,
): Promise<Made> {
  const integers = quantize(graph, { ...kept, ranges: rangesOf(calibration, ranges), inputs, weightBits });
  const file = await writeOnnx(join(folder, name), integers);
  const manifest = { ...model.manifest, file: name, ...file };
  return { file, model: { ...model, folder, manifest, sha256: file.sha256 } };
}

interface PhotoRange {
  from: number;
  count: number;
}

/** Both forms over the same photos. */
export async function compare(
  float: InstalledModel,
  integers: InstalledModel,
  photos: DecodedPhotos,
  range: PhotoRange,
  threads: number,
  onProgress: (done: number) => void,
): Promise<Agreement> {
  await using first = await sessionOf(float, 0, threads);
  await using second = await sessionOf(integers, 0, threads);
  const counter = new AgreementCounter(float.manifest.unsureBelow);
  const others = scoresOf(second, photos, range);
  let done = 0;
  for await (const scores of scoresOf(first, photos, range)) {
    const { value } = await others.next();
    if (scores) counter.add(scores, value ?? null);
    onProgress(++done);
  }
  return counter.finish();
}

async function sessionOf(
  model: InstalledModel,
  mergeWidth: number,
  threads: number,
): Promise<Session & AsyncDisposable> {
  const session = await openSession(model, { threads, embeddings: false, provider: 'cpu', mergeWidth });
  return { ...session, [Symbol.asyncDispose]: () => session.release() };
}

/** One entry for each photo; null where the scores were not finite. */
async function* scoresOf(
  session: Session,
  photos: DecodedPhotos,
  { from, count }: PhotoRange,
): AsyncGenerator<Float32Array | null, undefined> {
  for (let start = from; start < from + count; start += rows) {
    const indexes = Array.from({ length: Math.min(rows, from + count - start) }, (_, row) => start + row);
    const outputs = await session.run(await Promise.all(indexes.map((index) => photos.read(index))));
    for (const output of outputs) yield output?.scores ?? null;
  }
}

async function* part(photos: DecodedPhotos, { from, count }: PhotoRange): AsyncGenerator<Uint8Array> {
  for (let index = from; index < from + count; index++) yield await photos.read(index);
}

function reportOf(
  { error: _, ...found }: Agreement,
  { ranges, keptFloat }: Candidate,
  calibrationImageCount: number,
  speedup: number | null,
): Omit<AgreementReport, 'madeMs'> {
  const passed = passes(found, defaultGate);
  return { ...found, gate: { ...defaultGate }, passed, calibrationImageCount, ranges, keptFloat, speedup };
}
