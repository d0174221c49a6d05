/**
 * @file Label a folder while killing the engine, or the command line with its engine, at random moments; then compare
 * with a run nobody disturbed.
 *
 * `npm run test:kill -- [points] [images] [seed]`
 */
import Sqlite from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageResult } from '../../electron/cli/results.ts';
import { enginePid, jsonLines, runLabelwright, startLabelwright, type Running } from '../cli/labelwright.ts';
import { makePhotos, seededRandom } from './photos.ts';

export interface KillReport {
  engineKills: number;
  mainKills: number;
  seed: number;
  images: number;
  /** Results that progress had told of and the library did not have afterwards, or other labels than undisturbed. */
  lost: number;
  /** Pictures with results of more than one run, or with more results than asked for. */
  twice: number;
  /** Pictures that ended without a result. */
  missed: number;
}

const topK = 5;
/** Batches of another size add up in another order; float32 then differs in its last digits. */
const scoreTolerance = 1e-3;

/** @param say  told one line per kill */
export async function killTest(
  points: number,
  images: number,
  seed: number,
  say: (line: string) => void = () => {},
): Promise<KillReport> {
  const home = await mkdtemp(join(tmpdir(), 'labelwright-kill-'));
  try {
    const random = seededRandom(seed);
    await makePhotos(join(home, 'photos'), images, seed);
    const wanted = await label(home, 'calm.labelwright');

    const library = join(home, 'killed.labelwright');
    const report: KillReport = { engineKills: 0, mainKills: 0, seed, images, lost: 0, twice: 0, missed: 0 };
    while (report.engineKills + report.mainKills < points) {
      await life(home, library, points, report, random, say);
    }
    const got = await label(home, 'killed.labelwright');
    report.lost += differences(wanted, got);
    Object.assign(report, countStored(library, images));
    return report;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** One command line: its engine is killed at a random moment, later both, unless it is done before. */
async function life(
  home: string,
  library: string,
  points: number,
  report: KillReport,
  random: () => number,
  say: (line: string) => void,
): Promise<void> {
  const run = start(home, library);
  let over = false;
  void run.exit.then(() => (over = true));
  const acknowledged = () => readAcknowledged(run.stderr(), report.images);

  for (const target of ['engine', 'main'] as const) {
    const left = points - report.engineKills - report.mainKills;
    if (left === 0) break;
    // Mostly spread over what is left to do; each fifth wherever the clock says: opening, scanning, loading.
    const share = ((report.images - stored(library)) / (left + 1)) * 1.5 * random();
    const goal = random() < 0.2 ? 0 : stored(library) + share;
    while (!over && acknowledged() < goal) await sleep(2);
    await sleep(random() * (goal === 0 ? 1500 : 60));
    const engine = enginePid(run);
    if (over || engine === undefined) continue;

    if (target === 'engine') process.kill(engine, 'SIGKILL');
    else process.kill(-run.process.pid!, 'SIGKILL');
    if (target === 'main') await run.exit;
    const told = acknowledged();
    const kept = stored(library);
    report.lost += Math.max(0, told - kept);
    report[target === 'engine' ? 'engineKills' : 'mainKills']++;
    say(`killed ${target.padEnd(6)} told ${told}, kept ${kept}`);
  }
  if (report.engineKills + report.mainKills >= points) process.kill(-run.process.pid!, 'SIGTERM');
  await run.exit;
}

function start(home: string, library: string): Running {
  const args = ['label', 'photos', '--library', library, '--top-k', String(topK), '--progress-every', '0'];
  return startLabelwright(args, home, { detached: true });
}

async function label(home: string, library: string): Promise<Map<string, ImageResult>> {
  const args = ['label', 'photos', '--library', library, '--top-k', String(topK), '--json', '--quiet'];
  const { code, stdout, stderr } = await runLabelwright(args, home);
  if (code !== 0) throw new Error(`labelwright ended with ${code}: ${stderr}`);
  return new Map(jsonLines<ImageResult>(stdout).map((result) => [result.file, result]));
}

/** Of all pictures, how many the progress lines told to be done. */
function readAcknowledged(stderr: string, images: number): number {
  const last = [...stderr.matchAll(/^Labeled (\d+) of (\d+) {2}|^Labeled (\d+) of (\d+)$/gm)].at(-1);
  if (!last) return 0;
  return images - Number(last[2] ?? last[4]) + Number(last[1] ?? last[3]);
}

/** Pictures with a result in the library file, read beside whoever writes. */
function stored(library: string): number {
  return (
    query(
      library,
      (db) => db.prepare(`SELECT COUNT(*) FROM images WHERE status IN ('done', 'failed')`).pluck().get() as number,
    ) ?? 0
  );
}

function countStored(library: string, images: number): Pick<KillReport, 'twice' | 'missed'> {
  const count = (db: Sqlite.Database, sql: string) => db.prepare<[], number>(sql).pluck().get() as number;
  return query(library, (db) => ({
    twice: count(
      db,
      `SELECT COUNT(*) FROM (SELECT 1 FROM predictions GROUP BY image_id HAVING COUNT(DISTINCT run_id) > 1 OR COUNT(*) > ${topK})`,
    ),
    missed:
      images -
      count(
        db,
        `SELECT COUNT(*) FROM images WHERE status = 'done' AND ${topK} = (SELECT COUNT(*) FROM predictions WHERE image_id = images.id AND run_id = images.run_id)`,
      ),
  }))!;
}

/** @returns undefined when there is no library, or no tables in it, yet */
function query<Value>(library: string, ask: (db: Sqlite.Database) => Value): Value | undefined {
  let db: Sqlite.Database | undefined;
  try {
    db = new Sqlite(library, { fileMustExist: true, readonly: true, timeout: 5000 });
    return ask(db);
  } catch (error) {
    if (/no such table|unable to open/.test((error as Error).message)) return undefined;
    throw error;
  } finally {
    db?.close();
  }
}

function differences(wanted: Map<string, ImageResult>, got: Map<string, ImageResult>): number {
  let count = 0;
  for (const [file, { predictions }] of wanted) {
    const other = got.get(file)?.predictions ?? [];
    const same =
      other.length === predictions.length &&
      predictions.every(({ score }, index) => Math.abs(score - other[index]!.score) <= scoreTolerance) &&
      predictions[0]!.label === other[0]!.label;
    if (!same) count++;
  }
  return count;
}

export function line({ engineKills, mainKills, seed, images, lost, twice, missed }: KillReport): string {
  const kills = `kills ${engineKills + mainKills} (engine ${engineKills}, main ${mainKills}; seed ${seed})`;
  return `${kills}: images ${images}, lost ${lost}, twice ${twice}, missed ${missed}`;
}

if (import.meta.main) {
  const [points = 25, images = 2000, seed = Date.now() % 100_000] = process.argv.slice(2).map(Number);
  console.error(`seed ${seed}`);
  const report = await killTest(points, images, seed, (kill) => console.error(kill));
  console.log(line(report));
  process.exitCode = report.lost + report.twice + report.missed === 0 ? 0 : 1;
}
