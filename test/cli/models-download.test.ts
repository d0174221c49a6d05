import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CatalogueEntry } from '../../electron/core/catalogue.ts';
import { catalogue } from '../../electron/engine/models/catalogue.ts';
import { randomSafetensors } from '../support/safetensors.ts';
import { serveFile } from '../support/web-server.ts';
import { jsonLines, runLabelwright, startLabelwright } from './labelwright.ts';

const id = 'timm.resnext50-32x4d.a1h-in1k';
const restricted = 'timm.resnext50-32x4d.fb-ssl-yfcc100m-ft-in1k';

let home: string;
let library: string;
const run = (...args: string[]) => runLabelwright(['models', ...args, '--library', library], home);
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-download-'));
  library = join(home, 'test.labelwright');
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('models catalogue lists what can be fetched', async () => {
  const { code, stdout } = await run('catalogue');
  expect(code).toBe(0);
  expect(stdout).toMatch(/Id +Top-1 % .*Licence +Installed/);
  expect(stdout).toMatch(/paddleclas\.resnext50-vd-32x4d +79\.6 +94\.6 +4\.5 +25\.1 +100 +Apache-2\.0/);
  expect(stdout).toMatch(/paddleclas\.resnext101-32x8d-wsl .*non-commercial/);
});

test('models catalogue --json gives every fact', async () => {
  const { stdout } = await run('catalogue', '--json');
  const entries = jsonLines<CatalogueEntry>(stdout);
  expect(entries).toHaveLength(catalogue.length);
  expect(entries.find((entry) => entry.id === id)).toMatchObject({
    title: 'ResNeXt50_32x4d · timm a1h_in1k',
    preprocess: 'timm:resnext50_32x4d.a1h_in1k',
    nonCommercial: false,
    installed: false,
    url: 'https://huggingface.co/timm/resnext50_32x4d.a1h_in1k/resolve/main/model.safetensors',
  });
});

describe('models download', () => {
  test.each([
    [['nonesuch'], /There are no weights "nonesuch" in the catalogue/],
    [[restricted], /may not be used commercially \(CC-BY-NC-4\.0\).*--accept-licence/],
    [[id, '--mirror', 'mirror.example'], /The mirror must be an address like https:/],
    [[id, '--proxy', 'socks5://127.0.0.1:1'], /The proxy in the settings must be an address like/],
    [['paddleclas.fix-resnext101-32x48d-wsl', '--accept-licence'], /ONNX file holds 2\.15 GB at most/],
  ])('%j is refused with the reason, exit code 2', async (args, reason) => {
    const exit = await run('download', ...args);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toMatch(reason);
  });

  test('without a network tells the manual way', async () => {
    const gone = await serveFile(Buffer.alloc(0));
    await gone.close();
    const { code, stderr } = await run('download', id, '--mirror', gone.origin);
    expect(code).toBe(2);
    expect(stderr).toContain('is there a network?');
    expect(stderr).toContain(`labelwright models add model.safetensors --id ${id} --preprocess timm:`);
  });

  test('stopped by Ctrl-C and interrupted by the server, goes on until the model is there', async () => {
    // In bfloat16, so about half of the published size; random, so good for nothing but this.
    const weights = randomSafetensors('ResNeXt50_32x4d');
    const server = await serveFile(weights, [{ pauseMs: 10 }, { dropAfter: 10_000_000 }, {}]);
    const args = ['models', 'download', id, '--mirror', server.origin, '--library', library, '--progress-every', '0'];

    const first = startLabelwright(args, home);
    await first.said(/Fetched \d+\.\d of 50\.2 MB {2}\d+\.\d MB\/s, .* left/);
    first.process.kill('SIGINT');
    const stopped = await first.exit;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/Stopped at \d+\.\d of 50\.2 MB\. The same command goes on where it stopped\./);

    const second = await runLabelwright(args, home);
    expect(second.stderr).toContain(`Added ${id}.`);
    expect(second.stderr).toMatch(/SHA-256 of the file: [0-9a-f]{64}/);
    expect(second.code).toBe(0);
    expect(server.requests).toHaveLength(3);
    for (const { headers } of server.requests.slice(1)) expect(headers.range).toMatch(/^bytes=[1-9]\d*-$/);

    expect((await run('list')).stdout).toMatch(/timm\.resnext50-32x4d\.a1h-in1k .* 1000 .* ready/);
    expect((await run('catalogue')).stdout).toMatch(/timm\.resnext50-32x4d\.a1h-in1k .* yes/);
    expect(await readdir(join(home, 'test.labelwright.cache/downloads'))).toEqual([]);
    expect((await run('download', id)).stderr).toContain('is among the models already');
  }, 240_000);
});
