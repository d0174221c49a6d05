/** @file `labelwright models bench`: how fast models are on this machine, in the columns of the PaddleClas tables. */
import { Option, type Command } from 'commander';
import type { CatalogueEntry } from '#core/catalogue.ts';
import { AppError } from '#core/errors.ts';
import type { Model, ModelSpeed } from '#core/model.ts';
import { paddleclasLatency } from '#core/paddleclas-latency.ts';
import { executionProviders, type ExecutionProvider } from '#core/providers.ts';
import type { EngineProcess } from '#host';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { counted, printData, printJson, table, tell } from '../output.ts';

interface BenchOptions {
  architecture?: string;
  allPaddleclas: boolean;
  provider: ExecutionProvider;
  json?: boolean;
  library?: string;
}

/** What is timed, and what is published of it. */
interface Subject {
  /** As 'models.measure' takes it. */
  id: string;
  top1: number | null;
  top5: number | null;
  macCount: number | null;
  parameterCount: number | null;
  /** Milliseconds at batch 1, 4 and 8, on the publisher's machine. */
  publishedMs: readonly number[] | null;
}

const batchSizes = [1, 4, 8];

export function addModelsBenchCommand(models: Command): void {
  models
    .command('bench')
    .description('time models on this machine, without decoding')
    .argument('[id]', 'model to time (default: all that are installed)')
    .option('--architecture <name>', 'time an architecture with random weights, e.g. ResNeXt50_vd_32x4d')
    .option('--all-paddleclas', 'time the twelve architectures of PaddleClas with random weights', false)
    .addOption(
      new Option('--provider <name>', 'where to compute').choices(executionProviders.map(String)).default('cpu'),
    )
    .addOption(option.jsonOption('model'))
    .addOption(option.libraryOption())
    .addHelpText(
      'after',
      `
FLOPs are multiply-adds for one picture. Of each batch size it shows the median of several runs, the first left out.

Examples:
  labelwright models bench
  labelwright models bench --architecture ResNeXt101_64x4d
  labelwright models bench --all-paddleclas --json > bench.jsonl`,
    )
    .action(async (id: string | undefined, options: BenchOptions) => {
      await bench(id, options);
    });
}

async function bench(id: string | undefined, options: BenchOptions): Promise<void> {
  await using engine = await openLibrary(options.library);
  const { provider } = options;
  await engine.call('engine.configure', {
    threads: 0,
    batchSize: 0,
    provider,
    proxy: '',
    mirror: '',
    gentle: false,
    thumbnails: false,
  });
  const subjects = await choose(engine, id, options);
  const measured: [Subject, ModelSpeed][] = [];
  for (const subject of subjects) {
    tell(`Timing ${subject.id} …`);
    const speed = await engine.call('models.measure', { modelId: subject.id });
    measured.push([subject, speed]);
    if (options.json) await printJson({ ...subject, ...speed });
  }
  if (!options.json) await printData(`${show(measured)}\n`);
}

async function choose(
  engine: EngineProcess,
  id: string | undefined,
  { architecture, allPaddleclas }: BenchOptions,
): Promise<Subject[]> {
  if ([id, architecture, allPaddleclas || undefined].filter((given) => given !== undefined).length > 1) {
    throw new AppError('input.invalid', 'Name a model, an architecture or --all-paddleclas, one of them');
  }
  if (id === undefined && (architecture !== undefined || allPaddleclas)) {
    const ofPaddleclas = (await engine.call('catalogue.list', {})).filter(
      (entry) => entry.origin === 'paddleclas' && Object.hasOwn(paddleclasLatency, entry.architecture),
    );
    if (allPaddleclas) return ofPaddleclas.map(ofArchitecture);
    const known = ofPaddleclas.find((entry) => entry.architecture === architecture);
    return [known ? ofArchitecture(known) : unpublished(architecture!)];
  }
  const usable = (await engine.call('models.list', {})).filter((model) => id === model.id || !model.problem);
  const chosen = usable.filter((model) => id === undefined || model.id === id);
  // An id of the catalogue, or one that the engine refuses with a sentence of its own.
  return chosen.length === 0 && id !== undefined ? [unpublished(id)] : chosen.map(ofModel);
}

/** By the architecture's own name: the weights' id would be taken for the installed model. */
function ofArchitecture({ architecture, top1, top5, macCount, parameterCount }: CatalogueEntry): Subject {
  const publishedMs = paddleclasLatency[architecture] ?? null;
  return { id: architecture, top1, top5, macCount, parameterCount, publishedMs };
}

function ofModel({ id, metrics, macCount, parameterCount }: Model): Subject {
  // Accuracy on other pictures has no place beside this.
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? null;
  const [top1, top5] = [metric('ImageNet-1k top-1'), metric('ImageNet-1k top-5')];
  return { id, top1, top5, macCount, parameterCount, publishedMs: null };
}

function unpublished(id: string): Subject {
  return { id, top1: null, top5: null, macCount: null, parameterCount: null, publishedMs: null };
}

function show(measured: readonly [Subject, ModelSpeed][]): string {
  const published = measured.some(([subject]) => subject.publishedMs !== null);
  const headers = ['Model', 'Top1', 'Top5', 'FLOPs (G)', 'Params (M)'];
  headers.push(...batchSizes.map((rows) => `ms, batch ${rows}`), 'Images/s');
  if (published) headers.push(...batchSizes.map((rows) => `V100 ms, batch ${rows}`));
  const rows = measured.map(([subject, speed]) => [
    subject.id,
    fixed(subject.top1, 4),
    fixed(subject.top5, 4),
    fixed(subject.macCount, 2, 1e9),
    fixed(subject.parameterCount, 2, 1e6),
    ...batchSizes.map((size) => fixed(speed.batches.find((batch) => batch.rows === size)?.milliseconds ?? null, 1)),
    fixed(speed.imagesPerSecond, 1),
    ...(published ? batchSizes.map((_, place) => fixed(subject.publishedMs?.[place] ?? null, 2)) : []),
  ]);
  const [first] = measured;
  const how = first ? `On ${first[1].provider} with ${counted(first[1].threads, 'thread')}.` : '';
  const source = published ? ' V100: as published by PaddleClas, TensorRT in FP32.' : '';
  const widths = headers.map((header, column) => Math.max(header.length, ...rows.map((row) => row[column]!.length)));
  const aligned = rows.map(([name, ...numbers]) => [
    name!,
    ...numbers.map((text, at) => text.padStart(widths[at + 1]!)),
  ]);
  return `${table(headers, aligned)}\n\n  ${how}${source}`;
}

function fixed(value: number | null, digits: number, unit = 1): string {
  return value === null ? '' : (value / unit).toFixed(digits);
}
