import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { samples } from '../kill/photos.ts';
import { startLineProcess } from './line-process.ts';
import type { Measured } from './measured.ts';
import { bundledModels } from './pipeline.ts';

const echo = `
  console.log('{}');
  require('node:readline').createInterface(process.stdin).on('line', (line) => {
    const question = JSON.parse(line);
    if (question === 'die') { console.error('I had enough'); process.exit(3); }
    console.log(JSON.stringify({ heard: question, setting: process.env.SETTING }));
  });
`;

test('questions are answered in order, with the settings that were given', async () => {
  await using program = await startLineProcess(process.execPath, ['-e', echo], { SETTING: 'equal' });
  expect(await program.ask(1)).toEqual({ heard: 1, setting: 'equal' });
  expect(await program.ask(['two'])).toEqual({ heard: ['two'], setting: 'equal' });
});

test('a program that ends says why', async () => {
  await using program = await startLineProcess(process.execPath, ['-e', echo]);
  await expect(program.ask('die')).rejects.toThrow(/I had enough/);
});

test('a program that is not there is an error at once', async () => {
  await expect(startLineProcess('/nowhere/program', [])).rejects.toThrow(/ENOENT/);
});

test('the naive script labels photos and tells what that cost', async () => {
  const model = join(bundledModels, 'resnext26-tags/model.onnx');
  const paths = readdirSync(samples)
    .filter((name) => name.endsWith('.jpg'))
    .map((name) => join(samples, name));
  await using script = await startLineProcess(process.execPath, [
    join(import.meta.dirname, 'peers/naive-node.mjs'),
    model,
  ]);
  const measured = await script.ask<Measured>({ paths });
  expect(measured.images).toBe(paths.length);
  expect(measured.seconds).toBeGreaterThan(0);
  expect(measured.cpuSeconds).toBeGreaterThan(0);
});
