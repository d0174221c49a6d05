/** @file The packaged app: what it may do, what it holds, and the whole way from sample photos to a CSV file. */
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { listPackage } from '@electron/asar';
import { parse } from 'csv-parse/sync';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const shipped = join(root, 'dist/linux-unpacked');
/** The shipped app with the one fuse that lets Playwright in. */
const testable = join(root, 'dist/test');

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-package-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/dist.mjs'), '--test'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const filesBelow = async (folder: string) => (await readdir(folder, { recursive: true })).sort();

test('the fuses allow nothing that only development needs', async () => {
  const wire = await getCurrentFuseWire(join(shipped, 'labelwright'));
  // The wire holds one character per fuse: '1' on, '0' off.
  const state = (fuse: FuseV1Options) => (String.fromCharCode(wire[fuse] ?? 0) === '1' ? 'on' : 'off');

  expect({
    runAsNode: state(FuseV1Options.RunAsNode),
    cookieEncryption: state(FuseV1Options.EnableCookieEncryption),
    nodeOptions: state(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
    inspect: state(FuseV1Options.EnableNodeCliInspectArguments),
    onlyAppFromAsar: state(FuseV1Options.OnlyLoadAppFromAsar),
    fileProtocolPrivileges: state(FuseV1Options.GrantFileProtocolExtraPrivileges),
  }).toEqual({
    runAsNode: 'off',
    cookieEncryption: 'on',
    nodeOptions: 'off',
    inspect: 'off',
    onlyAppFromAsar: 'on',
    fileProtocolPrivileges: 'off',
  });
});

test('the archive holds bundled code and the manifest, nothing else', () => {
  const entries = listPackage(join(shipped, 'resources/app.asar'), { isPack: false });

  expect(entries).toContain('/out/main/index.mjs');
  expect(entries).toContain('/out/preload/index.cjs');
  expect(entries).toContain('/out/renderer/index.html');
  expect(entries.filter((entry) => !/^\/(out|out\/(main|preload|renderer)(\/.*)?|package\.json)$/.test(entry))).toEqual(
    [],
  );
});

test("only this platform's native code is inside, and no default app", async () => {
  const files = await filesBelow(join(shipped, 'resources'));
  const platform = `${process.platform}-${process.arch}`;
  const natives = files.filter((file) => file.endsWith('.node'));

  expect(natives).toHaveLength(3);
  for (const native of natives) {
    expect(native.replace(`${process.platform}/${process.arch}`, platform)).toContain(platform);
  }
  expect(files).not.toContain('default_app.asar');
});

test('the models and the sample photos lie beside the app', async () => {
  const files = await filesBelow(join(shipped, 'resources'));

  expect(files.filter((file) => /^models\/[^/]+\/model\.json$/.test(file))).not.toEqual([]);
  expect(files.filter((file) => /^samples\/.*\.jpg$/.test(file))).toHaveLength(8);
});

test('ExifTool is inside and runs with nothing but Perl', async () => {
  const perl = join(shipped, 'resources/engine/node_modules/exiftool-vendored.pl/bin/exiftool');
  const sample = (await filesBelow(join(shipped, 'resources/samples'))).find((file) => file.endsWith('.jpg'))!;
  const { status, stdout } = spawnSync(
    'perl',
    [perl, '-config', '', '-XMP-dc:Subject=dog', '-o', '-', join(shipped, 'resources/samples', sample)],
    { cwd: home, env: { PATH: '/usr/bin:/bin' }, maxBuffer: 64 * 1024 * 1024 },
  );

  expect(status).toBe(0);
  expect(stdout.includes('<rdf:li>dog</rdf:li>')).toBe(true);
});

test('the packaged command line labels photos with the Node and the engine it came with', async () => {
  const csv = join(home, 'cli.csv');
  const { status, stderr } = spawnSync(
    join(shipped, 'resources/cli/labelwright'),
    ['label', join(shipped, 'resources/samples'), '--csv', csv, '--library', join(home, 'cli.labelwright'), '--quiet'],
    // An empty PATH but for the shell's own tools: no other Node may help out.
    { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: home }, cwd: home },
  );

  expect(status, stderr).toBe(0);
  expect(labeledFiles(await readFile(csv, 'utf8')).size).toBe(8);
});

test('the packaged app labels the sample photos and exports them', async () => {
  const { app, page } = await launch();
  try {
    await page.getByTestId('open-samples').click();
    await page.getByTestId('run-start').click();
    await expect.poll(() => page.getByTestId('grid-cell').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(8);

    const csv = join(home, 'labels.csv');
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, csv);
    // The run may still be at work on the last photos: save again until all of them are there.
    await expect.poll(() => exportTo(page, csv), { timeout: 90_000, interval: 1000 }).toBe(8);
  } finally {
    await app.close();
  }
});

/** @returns how many photos have a label in the file */
async function exportTo(page: Page, file: string): Promise<number> {
  await page.getByTestId('nav-export').click();
  await page.getByTestId('export-save').click();
  await page.getByTestId('export-done').waitFor();
  expect((await stat(file)).size).toBeGreaterThan(0);
  return labeledFiles(await readFile(file, 'utf8')).size;
}

function labeledFiles(csv: string): Set<string> {
  const rows: Record<string, string>[] = parse(csv, { columns: true, bom: true });
  return new Set(rows.filter((row) => row.status === 'done' && row.label).map((row) => row.file_name!));
}

async function launch(): Promise<{ app: ElectronApplication; page: Page }> {
  const app = await electron.launch({
    executablePath: join(testable, 'labelwright'),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${join(home, 'profile')}`,
    ],
    env: { ...(process.env as Record<string, string>), HOME: home, LANGUAGE: 'en' },
    cwd: home,
  });
  return { app, page: await app.firstWindow() };
}
