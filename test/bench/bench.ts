/**
 * @file How fast it is on this machine, beside what others would write: makes photos and a model, measures everything in
 * turn, prints the figures.
 *
 *     npm run bench                          half an hour; also writes the figures into docs/performance.md
 *     npm run bench -- --quick               every ratio once, within three minutes
 *     npm run bench -- --json <file>         also as JSON
 *     npm run bench -- --write               write docs/performance.md after a quick one too
 *     npm run bench -- --python <path>       compare with this Python instead of the first one on the search path
 *     npm run bench -- --clean               remove what is kept between runs
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBenchModels } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { makeCorpus, photoSizes, type PhotoSize } from './corpus.ts';
import type { Finding, Memory } from './findings.ts';
import { busyLimit, readMachine } from './machine-facts.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { workThrough, type Work } from './progress.ts';
import { findPython } from './python.ts';
import { asJson, asMarkdown, asText, replaceGenerated } from './report.ts';
import { measureBundled } from './step-bundled.ts';
import { measureCores } from './step-cores.ts';
import { measureDecoding } from './step-decode.ts';
import { measureEndToEnd } from './step-end-to-end.ts';
import { measureInference } from './step-inference.ts';
import { measureMemory } from './step-memory.ts';
import { measureParts } from './step-parts.ts';
import { tuneModels } from './step-tune.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    python: { type: 'string' },
    clean: { type: 'boolean', default: false },
  },
});
const home = join(tmpdir(), 'labelwright-bench');
const performancePath = join(import.meta.dirname, '../../docs/performance.md');
const calibrationPhotos = 8;

if (options.clean) {
  await rm(home, { recursive: true, force: true });
  console.log(`Removed ${home}`);
} else await bench();

async function bench(): Promise<void> {
  const plan = options.quick ? quickPlan : fullPlan;
  const say = (line: string) => console.error(line);
  await mkdir(home, { recursive: true });
  const python = await findPython(options.python === undefined ? null : resolve(options.python));
  const machine = await readMachine(python);
  if ((machine.busyShare ?? 0) > busyLimit) {
    say(
      `This machine is busy with other things (${(machine.busyShare! * 100).toFixed(0)} %, load ${machine.load}): ` +
        'figures by the clock will be wrong, and the others rougher than need be.',
    );
  }
  if (!python) say('There is no Python here; comparisons with it are left out.');

  const findings: Finding[] = [];
  let memory: Memory = { int8: null, fp32: null };
  const cachePath = join(home, 'cache');
  const context: Partial<BenchContext> = { plan, python, home, cachePath };
  const whole = () => context as BenchContext;
  const step = (title: string, seconds: number, measure: () => Promise<Finding | null>): Work => ({
    title,
    seconds,
    async run() {
      const finding = await measure();
      if (finding) findings.push(finding);
    },
  });
  const sizes = Object.keys(photoSizes) as PhotoSize[];
  const { inference, parts, endToEnd, cores, decode, bundled } = plan.patience;

  await workThrough(
    [
      {
        title: 'Photos',
        seconds: options.quick ? 15 : 60,
        async run() {
          const photos = { vga: [], '2mp': [], '12mp': [] } as Record<PhotoSize, string[]>;
          for (const size of sizes) photos[size] = await makeCorpus(home, size, plan.photos[size]);
          context.photos = photos;
        },
      },
      {
        title: 'A ResNeXt-50 of random weights, in float and in integers',
        seconds: 10,
        async run() {
          context.models = await makeBenchModels(home, context.photos!.vga.slice(0, calibrationPhotos), plan.thorough);
        },
      },
      {
        title: 'How they run fastest here',
        seconds: plan.thorough ? 60 : 1,
        async run() {
          context.tunings = await tuneModels(context.models!, cachePath, plan.thorough);
        },
      },
      {
        title: 'Memory',
        seconds: 8,
        async run() {
          memory = await measureMemory(whole());
          equalizeMalloc();
        },
      },
      step('Inference alone', inference.seconds, () => measureInference(whole())),
      ...sizes.map((size) =>
        step(`The pipeline and its parts, ${photoSizes[size].title}`, parts.seconds, () => measureParts(whole(), size)),
      ),
      ...(['vga', '12mp'] as const).flatMap((size) => [
        step(`End to end, ${photoSizes[size].title}`, endToEnd.seconds, () => measureEndToEnd(whole(), size)),
        step(`One core and two, ${photoSizes[size].title}`, cores.seconds, () => measureCores(whole(), size)),
      ]),
      ...sizes.map((size) =>
        step(`Decoding, ${photoSizes[size].title}`, decode.seconds, () => measureDecoding(whole(), size)),
      ),
      step('The bundled model', bundled.seconds, () => measureBundled(whole())),
    ],
    say,
  );

  const command = ['npm run bench', ...(options.quick ? ['-- --quick'] : [])].join(' ');
  const report = { date: new Date().toISOString(), command, machine, findings, memory, tunings: context.tunings! };
  const markdown = asMarkdown(report);
  console.log(asText(markdown));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(asJson(report), null, 2)}\n`);
  if (options.write || !options.quick) {
    await writeFile(performancePath, replaceGenerated(await readFile(performancePath, 'utf8'), markdown));
    say(`Wrote ${performancePath}`);
  }
}

/**
 * From here on all programs keep the memory that they free: fresh pages cost the Python ones up to three times what they
 * compute, more on some machines than on others, and that is not what is compared. Source: mallopt(3).
 */
function equalizeMalloc(): void {
  process.env['MALLOC_TRIM_THRESHOLD_'] = '1000000000';
  process.env['MALLOC_MMAP_THRESHOLD_'] = '1000000000';
}
