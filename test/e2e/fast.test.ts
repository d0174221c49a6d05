/** @file A model made faster by keyboard: photos, progress, stop, report, switch, results of both forms; gentle mode. */
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '#core/model.ts';
import { chooseFolders, labeled, launchApp, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { cropsOfSamples, samplePhotos } from '../support/pictures.ts';

const bundled = 'resnext26-tags';
/** A little more than it takes. */
const photoCount = 480;
/** On a machine that does other things too. */
const patient = { timeout: 420_000, interval: 500 };
const folder = temporaryFolder('crops');

let app: LaunchedApp;
let datasetId: number;

beforeAll(async () => {
  await cropsOfSamples(folder, photoCount);
  app = await launchApp({ settings: { gentle: 'never' } });
  const samples = await app.call('samples.open', {});
  await app.call('run.start', { ...samples, modelId: null, topK: 5 });
  await labeled(app, samplePhotos.length);
  await chooseFolders(app, [folder]);
  await app.get('open-folder').first().click();
  await labeled(app, samplePhotos.length + photoCount);
  datasetId = (await app.call('datasets.list', {})).find(({ name }) => name === basename(folder))!.id;
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, focused } = keysOf(() => app);

const line = () => app.page.locator(`[data-model-id="${bundled}"] [data-testid="fast-line"]`);
const step = () => app.get('fast-step').getAttribute('data-step');
const model = async (): Promise<Model> =>
  (await app.call('models.list', {})).find(({ id }) => id === bundled) ?? Promise.reject(new Error('No model'));

async function pressOn(testId: string, key = 'Enter'): Promise<void> {
  await app.get(testId).first().focus();
  await press(key);
}

/** From the row to the choice of photos. */
async function openChoice(): Promise<void> {
  await pressOn('nav-models');
  await line().getByTestId('fast-make').focus();
  await press('Enter');
  await expect.poll(focused).toBe('fast-photos');
}

/** Cancel stands before it. */
async function start(): Promise<void> {
  await press('Tab');
  await press('Tab');
  expect(await focused()).toBe('fast-start');
  await press('Enter');
}

test('too few photos are told with their number, and what to do', async () => {
  await openChoice();
  const samples = await app.call('datasets.list', {});
  const few = samples.find(({ imageCount }) => imageCount === samplePhotos.length)!;
  await app.get('fast-photos').selectOption(String(few.id));
  await start();

  await app.get('fast-problem').waitFor({ timeout: 60_000 });
  expect(await app.get('fast-problem').textContent()).toMatch(/ 8 photos .*\d{3} are needed.*whole library/s);
  await press('Escape');
  await expect.poll(focused).toMatch(/^fast-(make|show)$/);
});

test('making it shows how far it is, and stops when asked', async () => {
  await openChoice();
  await app.get('fast-photos').selectOption(String(datasetId));
  await start();

  await expect.poll(step).toBe('making');
  await app
    .get('fast-sheet')
    .getByTestId('fast-facts')
    .filter({ hasText: /^\d+ of \d{2,3} photos/ })
    .waitFor({ timeout: 120_000 });
  await expect.poll(focused).toBe('fast-stop');
  await press('Enter');
  await expect.poll(step, patient).toBe('choice');
  expect((await model()).fast?.own ?? false).toBe(false);
  await press('Escape');
});

test('it goes on while the person is elsewhere, ends with a report, and is used', async () => {
  await openChoice();
  await app.get('fast-photos').selectOption(String(datasetId));
  await start();
  await expect.poll(step).toBe('making');
  await press('Escape');
  await expect.poll(focused).toBe('fast-watch');
  await pressOn('nav-library');
  await pressOn('nav-models');
  await expect.poll(() => line().getAttribute('data-state')).toBe('making');
  await line().getByTestId('fast-watch').focus();
  await press('Enter');

  await app.get('fast-report').waitFor({ timeout: patient.timeout });
  const { fast } = await model();
  expect(fast?.own).toBe(true);
  expect(await app.get('fast-report').getAttribute('data-passed')).toBe(String(fast!.report.passed));
  expect(await app.get('fast-report').textContent()).toContain(
    `Made from ${fast!.report.calibrationImageCount} photos, compared on ${fast!.report.imageCount} others.`,
  );
  expect(fast!.report).toMatchObject({ passed: true });
  await press('Escape');
});

test('the switch turns it off and on, in the row and in the report', async () => {
  const inUse = async () => (await model()).fast?.inUse;
  if (!(await inUse())) await pressOn('fast-use', 'Space');
  await expect.poll(inUse).toBe(true);
  await pressOn('fast-use', 'Space');
  await expect.poll(inUse).toBe(false);
  await expect.poll(() => line().getAttribute('data-state')).toBe('switched-off');

  await pressOn('fast-show');
  await expect.poll(focused).toBe('fast-report-use');
  await press('Space');
  await expect.poll(inUse).toBe(true);
  await press('Escape');
  await expect.poll(() => line().getAttribute('data-state')).toBe('in-use');
});

/** Label the crops with one form. */
async function label(form: string): Promise<void> {
  await app.call('run.start', { datasetId, modelId: form, topK: 5 });
  const counts = async () =>
    Object.fromEntries(
      (await app.call('models.used', { datasetId })).map(({ modelId, imageCount }) => [modelId, imageCount]),
    );
  const id = form.replace('@original', '');
  await expect.poll(async () => (await counts())[id], patient).toBe(photoCount);
}

test('both forms label the same photos, and are compared by their names', async () => {
  await label(`${bundled}@original`);
  await label(`${bundled}@int8`);
  await pressOn('nav-models');
  await pressOn('tab-compare');
  await app.get('compare-dataset').selectOption(String(datasetId));
  await app.get('comparison').waitFor();
  const options = await app.get('compare-model-0').locator('option').allTextContents();
  expect(options).toEqual(expect.arrayContaining([expect.stringMatching(/^ResNeXt-26 tags \(fast\) \(480\)$/)]));
  expect(await app.get('comparison-agreement').textContent()).toMatch(/^(9[0-9](\.\d)?|100)%$/);
  await expect.poll(() => app.get('status-model').textContent()).toMatch(/^ResNeXt-26 tags( \(fast\))? · CPU$/);
});

test('a fast version made here is removed after one question', async () => {
  await pressOn('tab-installed');
  await pressOn('fast-remove');
  await app.get('remove-fast-sheet').waitFor();
  await pressOn('remove-fast-confirm');
  await expect.poll(async () => (await model()).fast?.own ?? false).toBe(false);
  await app.get('toast').waitFor();
});

test('gentle mode is chosen by keyboard, holds for a run under way, and is remembered', async () => {
  await pressOn('nav-settings');
  await app.get('settings-gentle').focus();
  await press('End');
  await expect.poll(async () => (await app.call('settings.get', {})).gentle).toBe('always');

  await cropsOfSamples(folder, photoCount + 60);
  await app.call('run.start', { datasetId, modelId: null, topK: 5 });
  await app
    .get('status-bar')
    .filter({ hasText: /Gentle/ })
    .waitFor({ timeout: 60_000 });
  await app.call('run.cancel', { datasetId });

  expect(app.problems).toEqual([]);
  const { userData } = app;
  await app[Symbol.asyncDispose]();
  app = await launchApp({ userData });
  await pressOn('nav-settings');
  await expect.poll(() => app.get('settings-gentle').inputValue()).toBe('always');
});

test('the page met no error and no blocked source', () => {
  expect(app.problems).toEqual([]);
});
