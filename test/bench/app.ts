/**
 * @file What people wait for in the app itself, measured in the real Electron with a library of 100,000 pictures: the
 * window at the start, small copies, answers from the engine, scrolling, idle and beside a run, and deciding by keys.
 *
 * `npm run bench:app -- [--images 100000] [--starts 5] [--json file]` (Linux, on a screen or under Xvfb)
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchApp, root, type LaunchedApp } from '../support/electron.ts';
import { samplePhotos } from '../support/pictures.ts';
import { startXvfb } from '../../build/xvfb.mjs';
import { decideAll, type Sitting } from '../pace/person.ts';
import { compare, learnLetter } from '../pace/stored.ts';
import { strokeFor } from '../pace/strokes.ts';
import { makeProfile } from './app-library.ts';
import { measureCalls, measureScroll, measureThumbnails, timesOf, type Scrolled, type Times } from './app-review.ts';
import { measureStart, type Start } from './app-start.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000' },
    starts: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});

/** Pixels a second: a slow and a quick turn of the wheel, and two drags of the bar. */
const speeds = [1_000, 4_000, 20_000, 200_000];
const scrollSeconds = 4;
const callRounds = 100;
const thumbnailCount = 1_000;
/** Enough for a run that lasts as long as the scrolling beside it. */
const runPhotos = 2_000;
const decisions = { count: 1_000, perSecond: 25 };

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const rounded = (number: number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(`\n| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

async function scrollAll(app: LaunchedApp): Promise<Record<string, Scrolled>> {
  const scrolled: Record<string, Scrolled> = {};
  for (const speed of speeds) {
    await app.get('grid').evaluate((grid) => (grid.scrollTop = 0));
    await app.page.waitForTimeout(300);
    scrolled[speed] = await measureScroll(app, speed, scrollSeconds);
  }
  return scrolled;
}

/** Photos to label, many times the samples, as links. */
function runFolder(home: string): string {
  const folder = join(home, 'run');
  mkdirSync(folder);
  for (let index = 0; index < runPhotos; index++) {
    const photo = samplePhotos[index % samplePhotos.length]!;
    copyFileSync(photo, join(folder, `${index}-${basename(photo)}`));
  }
  return folder;
}

/** Start labeling another dataset and come back to the large one when it is under way. */
async function startRun(app: LaunchedApp, folder: string): Promise<void> {
  await app.electron.evaluate(
    ({ dialog }, filePaths) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
    },
    [folder],
  );
  const chosen = await app.call('folders.choose', { datasetId: null });
  await app.call('run.start', { datasetId: chosen!.datasetId, modelId: null, topK: 5 });
  for (;;) {
    const datasets = await app.call('datasets.list', {});
    const run = datasets.find(({ id }) => id === chosen!.datasetId)?.run;
    if (run?.state === 'running' && run.done > 0) return;
    if (run?.state === 'failed') throw new Error('The run beside the scrolling has failed');
    await app.page.waitForTimeout(200);
  }
}

/** What a person at the keys decided, from each key to the frame that shows it, and what became wrong or was lost. */
interface Decided {
  perSecond: number;
  /** From a key that decides alone; after which key of its kind it came tells what it had to wait for. */
  visible: Record<'keys' | 'afterWords' | 'words', Times>;
  /** Keys that never reached the page, and pictures that are not what their keys said. */
  lost: number;
  load: number;
}

async function measureDecisions(profile: string): Promise<Decided> {
  const library = join(profile, 'library.labelwright');
  learnLetter(library);
  const { perSecond, visibleMs, sent, reached } = await decideOnce(profile);
  const { wrong, inOrder } = compare(library, decisions.count);
  if (!inOrder && wrong.length === 0) throw new Error('Decisions were stored in another order than they were made');
  const timesWhere = (isMeant: (place: number) => boolean) =>
    timesOf(visibleMs.filter((ms, place) => ms !== undefined && isMeant(place)) as number[]);
  const isWord = (place: number) => place >= 0 && strokeFor(place).keys.length > 1;
  const visible = {
    keys: timesWhere((place) => !isWord(place) && !isWord(place - 1)),
    afterWords: timesWhere((place) => isWord(place - 1)),
    words: timesWhere(isWord),
  };
  return { perSecond, visible, lost: sent - reached + wrong.length, load: loadavg()[0]! };
}

async function decideOnce(profile: string): Promise<Sitting> {
  await using app = await launchApp({ userData: profile });
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(1280, 800));
  return await decideAll(app, decisions.count, decisions.perSecond);
}

function timesRow(name: string, { count, median, p95, worst }: Times): (string | number)[] {
  return [name, count, ...[median, p95, worst].map((ms) => `${ms.toFixed(0)} ms`)];
}

interface Figures {
  start: Start;
  thumbnailsPerSecond: number;
  scroll: Record<string, Scrolled>;
  scrollDuringRun: Record<string, Scrolled>;
  calls: Record<string, Times>;
  decided: Decided;
}

async function measure(home: string): Promise<Figures> {
  const profile = join(home, 'profile');
  await makeProfile(profile, Number(values.images));
  const starts: Start[] = [];
  // The first one reads everything from the disk and does not count.
  for (let round = 0; round <= Number(values.starts); round++) starts.push(await measureStart(profile, root));
  const counted = starts.slice(1);
  const start = Object.fromEntries(
    (['window', 'content', 'list', 'cpuMs'] as const).map((name) => [name, median(counted.map((one) => one[name]))]),
  ) as unknown as Start;

  const decided = await measureDecisions(profile);
  await using app = await launchApp({ userData: profile });
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(1280, 800));
  await app.get('nav-review').click();
  await app.page.locator('[data-testid="grid-cell"][data-image-id]').first().waitFor();
  // Code that runs for the first time is compiled first.
  await measureScroll(app, speeds[1]!, 2);
  const thumbnails: number[] = [];
  for (let round = 0; round < 3; round++) thumbnails.push(await measureThumbnails(app, thumbnailCount));
  const scroll = await scrollAll(app);
  await startRun(app, runFolder(home));
  const scrollDuringRun = await scrollAll(app);
  for (const { id } of await app.call('datasets.list', {})) await app.call('run.cancel', { datasetId: id });
  await app.page.waitForTimeout(2_000);
  const calls = await measureCalls(app, callRounds);
  if (app.problems.length > 0) throw new Error(app.problems.join('\n'));
  return { start, thumbnailsPerSecond: median(thumbnails), scroll, scrollDuringRun, calls, decided };
}

function print(figures: Figures): void {
  const { start, thumbnailsPerSecond, scroll, scrollDuringRun, calls, decided } = figures;
  console.log(`\n${Number(values.images).toLocaleString('en')} pictures`);
  table(
    ['start', 'after'],
    [
      ['the window is shown', `${start.window} ms`],
      ['something is painted', `${start.content} ms`],
      ['the list can be used', `${start.list} ms`],
      ['CPU of all processes until then and 1.5 s more', `${start.cpuMs} ms`],
    ],
  );
  console.log(`\nSmall copies from the disk to the page: ${thumbnailsPerSecond.toFixed(0)}/s`);
  table(
    ['page to engine and back', 'median', '95 %', 'worst'],
    Object.entries(calls).map(([name, times]) => [
      name,
      ...[times.median, times.p95, times.worst].map((ms) => `${rounded(ms)} ms`),
    ]),
  );
  const { visible, perSecond, lost, load } = decided;
  table(
    ['deciding by keys', 'decisions', 'lost', 'sent a second', 'decided a second', 'load of the machine'],
    [['of all kinds', decisions.count, lost, decisions.perSecond, perSecond.toFixed(1), load.toFixed(1)]],
  );
  table(
    ['key to frame', 'decisions', 'median', '95 %', 'worst'],
    [
      timesRow('one key', visible.keys),
      timesRow('one key, 40 ms after a word', visible.afterWords),
      timesRow('Enter after a word whose letters all came at once', visible.words),
    ],
  );
  table(
    ['scrolling', 'px/s', 'frames', 'median', '95 %', 'worst', 'over 50 ms', 'pictures shown'],
    [...Object.entries(scroll).entries(), ...Object.entries(scrollDuringRun).entries()].map(
      ([, [speed, frames]], index) => [
        index < speeds.length ? 'idle' : 'during a run',
        Number(speed).toLocaleString('en'),
        frames.count,
        ...[frames.median, frames.p95, frames.worst].map((ms) => `${ms.toFixed(0)} ms`),
        frames.late,
        `${(100 * frames.shown).toFixed(0)} %`,
      ],
    ),
  );
}

const home = mkdtempSync(join(tmpdir(), 'labelwright-bench-app-'));
const screen = process.env['DISPLAY'] ? undefined : await startXvfb();
if (screen) Object.assign(process.env, { DISPLAY: screen.display, LIBGL_ALWAYS_SOFTWARE: '1', WAYLAND_DISPLAY: '' });
try {
  const figures = await measure(home);
  print(figures);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await screen?.stop();
  rmSync(home, { recursive: true, force: true });
}
