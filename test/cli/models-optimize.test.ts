/** @file `models optimize` as a person would use it, on a small model and small photos. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AgreementReport, FastVariant, Model } from '../../electron/core/model.ts';
import { verdict, whyUnused } from '../../electron/cli/commands/models-optimize.ts';
import { makePhotos, samples } from '../kill/photos.ts';
import { writeTinyResnext } from '../support/tiny-resnext.ts';
import { jsonLines, runLabelwright } from './labelwright.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let home: string;
let photos: string;
const run = (...args: string[]) => runLabelwright(args, home);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-optimize-'));
  photos = join(home, 'photos');
  await makePhotos(photos, 462, 5);
  await writeTinyResnext(join(home, 'Labelwright/models'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('it tells progress, reports, and says whether the form is used; the list shows it from then on', async () => {
  const before = await run('models', 'list');
  expect(before.stdout).toMatch(/Fast form/);
  const exit = await run('models', 'optimize', 'tiny', '--calibrate', photos, '--json', '--progress-every', '0');
  const [report] = jsonLines<AgreementReport & Pick<FastVariant, 'inUse' | 'unusedBecause'>>(exit.stdout);

  expect(exit.stderr).toMatch(/Reading photos: \d+ of 462/);
  expect(exit.stderr).toMatch(/Checking: \d+ of 30\d/);
  expect(report!.imageCount).toBeGreaterThanOrEqual(300);
  expect(exit.code).toBe(report!.inUse ? 0 : 1);
  expect(exit.stderr).toMatch(report!.inUse ? /New runs of tiny label with its fast form/ : /stays off: /);
  const listed = jsonLines<Model>((await run('models', 'list', '--json')).stdout).find(({ id }) => id === 'tiny')!;
  expect(listed.fast).toMatchObject({ own: true, inUse: report!.inUse, unusedBecause: report!.unusedBecause });
  expect((await run('models', 'list')).stdout).toMatch(report!.inUse ? /Tiny .* in use/ : /Tiny .* off: it/);
});

test.each([
  [['tiny', '--calibrate', samples], 'This takes 460 different photos that can be read, and there are 8.'],
  [['tiny'], 'This takes 460 different photos that can be read, and there are 0.'],
  [['nonesuch', '--calibrate', samples], 'There is no such model'],
  [['tiny', '--calibrate', '/nonesuch'], 'The folder is not there'],
])('%j is refused with the reason', async (args, reason) => {
  const exit = await run('models', 'optimize', ...args);
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toContain(reason);
});

const report = {
  passed: true,
  gate: { agreement: 0.97, confidentAgreement: 0.99, imageCount: 300 },
} as AgreementReport;

test('what stays off is told with the reason', () => {
  const off = (unusedBecause: FastVariant['unusedBecause']) => ({ unusedBecause, inUse: false }) as FastVariant;
  expect(verdict('m', { ...report, passed: false }, off('differs'))).toMatch(/stays off: .* 97\.0 % .* 99\.0 %/);
  expect(verdict('m', report, off('not-faster'))).toMatch(/stays off: integers are not faster on this machine/);
  const sentences = (['differs', 'not-faster', 'inexact', 'switched-off'] as const).map((why) => whyUnused(off(why)));
  expect(new Set(sentences).size).toBe(4);
});
