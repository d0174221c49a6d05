import { expect, test, vi } from 'vitest';
import { defaultExportOptions } from '#core/export-options.ts';
import type { ExportProfile, WriteProblem } from '#core/export-profile.ts';
import { en } from '../../../renderer/messages/en.ts';
import { writeProblem } from '../../../renderer/messages/write-problem.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';
import { followKeptFiles } from '../../../renderer/state/kept-files.ts';
import { fakeBridge } from '../support/bridge.ts';

const gone: WriteProblem = { code: 'export.failed', errno: 'ENOENT', message: '/a/a.csv lies in no folder' };
const file = (problem: WriteProblem | null, kept = true): ExportProfile => ({
  id: 1,
  datasetId: 3,
  name: 'CSV',
  format: 'csv',
  options: defaultExportOptions,
  fileName: 'a.csv',
  kept,
  writtenMs: null,
  problem,
});

test('a file that cannot be written is told once until it could be written', async () => {
  const told: unknown[] = [];
  const bridge = fakeBridge({});
  const stop = followKeptFiles((fileName, problem) => told.push([fileName, problem]));
  let looks = 0;
  const changed = async (profile: ExportProfile) => {
    bridge.answers['profiles.list'] = () => [profile];
    bridge.emit('profiles.changed', { datasetId: 3 });
    looks++;
    await vi.waitFor(() => expect(bridge.called('profiles.list')).toHaveLength(looks));
    await Promise.resolve();
  };
  await changed(file(null));
  await changed(file(gone));
  await changed(file(gone));
  await vi.waitFor(() => expect(told).toEqual([['a.csv', gone]]));
  await changed(file(null));
  await changed(file(gone));
  await vi.waitFor(() => expect(told).toHaveLength(2));
  await changed(file(gone, false));
  expect(told).toHaveLength(2);
  stop();
});

test('the reason is said in the language of the person, by what the system calls it or by its code', () => {
  expect(writeProblem(en, gone)).toBe('Its folder is gone.');
  expect(writeProblem(zhCn, gone)).toBe('所在文件夹不见了。');
  expect(writeProblem(zhCn, { ...gone, errno: 'EXYZ' })).toBe(zhCn.error['export.failed']);
  expect(Object.keys(zhCn.profiles.problemOf)).toEqual(Object.keys(en.profiles.problemOf));
});
