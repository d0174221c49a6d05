/** @file Every state of a model's fast version on the screen; the answers are played, for most take minutes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgreementReport, FastVariant, Model } from '#core/model.ts';
import type { RunProgress } from '#core/run.ts';
import { answerCalls, sendEvent, type Answers } from '../support/answers.ts';
import { labeled, launchApp, type LaunchedApp } from '../support/electron.ts';
import { barriers, looks, misfits, photograph, setWindowSize, wear, type Look } from '../support/looks.ts';
import { samplePhotos } from '../support/pictures.ts';

const report: AgreementReport = {
  imageCount: 400,
  agreement: 0.9825,
  confident: { imageCount: 251, agreement: 0.996 },
  topFiveOverlap: 0.957,
  scoreDrift: { mean: 0.0081, max: 0.1234 },
  gate: { agreement: 0.97, confidentAgreement: 0.99, imageCount: 300 },
  passed: true,
  calibrationImageCount: 160,
  ranges: 'percentile',
  keptFloat: ['conv1', 'fc'],
  speedup: 2.43,
  madeMs: Date.UTC(2026, 10, 24, 9, 30),
};
const failedReport: AgreementReport = {
  ...report,
  imageCount: 280,
  agreement: 0.9409,
  confident: { imageCount: 190, agreement: 0.9736 },
  passed: false,
};
const inUse: FastVariant = { sizeBytes: 2_900_000, own: true, report, inUse: true, unusedBecause: null };
const off = (unusedBecause: FastVariant['unusedBecause']): FastVariant => ({ ...inUse, inUse: false, unusedBecause });
const differs: FastVariant = { ...off('differs'), report: failedReport };

let app: LaunchedApp;
let bundled: Model;
let datasetId: number;

beforeAll(async () => {
  app = await launchApp();
  await setWindowSize(app);
  ({ datasetId } = await app.call('samples.open', {}));
  await app.call('run.start', { datasetId, modelId: null, topK: 5 });
  await labeled(app, samplePhotos.length);
  bundled = (await app.call('models.list', {}))[0]!;
});
afterAll(() => app[Symbol.asyncDispose]());

/** The models screen with these forms of the models there are. */
async function showModels(fast: (FastVariant | null)[], answers: Answers = {}): Promise<void> {
  const titles = ['ResNeXt-26 tags', 'Garden animals', 'ResNeXt50_vd_32x4d · PaddleClas', 'Birds', 'Shoes'];
  const value = fast.map((fast, index): Model => {
    const id = index === 0 ? bundled.id : `model-${index}`;
    return { ...bundled, id, title: titles[index]!, own: index > 0, metrics: [], source: '', fast };
  });
  await answerCalls(app, { 'models.list': { value }, ...answers });
  await sendEvent(app, 'models.changed', {});
  await app.get('nav-models').click();
  await app.get('tab-installed').click();
  await expect.poll(() => app.get('model-row').count()).toBe(fast.length);
}

/** By keyboard, so that the picture shows where it is. */
async function press(testId: string): Promise<void> {
  await app.get(testId).first().focus();
  await app.page.keyboard.press('Enter');
}

const screens: Record<string, { open: () => Promise<void>; shows: string }> = {
  'fast-models': { open: () => showModels([{ ...inUse, own: false }, null, differs]), shows: 'fast-line' },
  'fast-unused': {
    open: () => showModels([off('switched-off'), off('not-faster'), off('inexact')]),
    shows: 'fast-line',
  },
  'fast-choice': {
    async open() {
      await showModels([null, null]);
      await press('fast-make');
    },
    shows: 'fast-photos',
  },
  'fast-making': {
    async open() {
      await showModels([null, null], { 'models.optimize': 'never', 'models.optimize-cancel': { value: undefined } });
      await press('fast-make');
      await press('fast-start');
      const progress = { modelId: bundled.id, stage: 'checking', total: 400, secondsLeft: 48, reason: null } as const;
      await sendEvent(app, 'optimize.progress', { ...progress, done: 20 });
      await app.page.waitForTimeout(1200);
      await sendEvent(app, 'optimize.progress', { ...progress, done: 41 });
      await app.get('fast-facts').last().filter({ hasText: '41' }).waitFor();
    },
    shows: 'fast-stop',
  },
  'fast-report': {
    async open() {
      await showModels([inUse]);
      await press('fast-show');
    },
    shows: 'fast-report',
  },
  'fast-failed': {
    async open() {
      await showModels([differs]);
      await press('fast-show');
    },
    shows: 'fast-report',
  },
  'fast-too-few': {
    async open() {
      const error = {
        code: 'model.too-few-photos',
        message: 'This takes 460 different photos that can be read, and there are 8',
        details: { found: 8, needed: 460 },
      } as const;
      await showModels([null, null], { 'models.optimize': { error } });
      await press('fast-make');
      await press('fast-start');
    },
    shows: 'fast-problem',
  },
  'run-tuning': { open: () => showRun({ state: 'tuning' }), shows: 'status-bar' },
  'run-gentle': { open: () => showRun({ state: 'running', gentle: true }), shows: 'status-bar' },
};

async function showRun(more: Partial<RunProgress>): Promise<void> {
  await app.get('nav-library').click();
  const run = {
    datasetId,
    runId: 99,
    modelId: bundled.id,
    state: 'running',
    done: 1200,
    failed: 0,
    total: 4210,
  } as const;
  const rest = { imagesPerSecond: 31.4, secondsLeft: 96, reason: null, gentle: false } as const;
  await sendEvent(app, 'run.progress', { ...run, ...rest, ...more });
}

/** Back to where no sheet is open and nothing is being made. */
async function leave(name: string, { language }: Look): Promise<void> {
  await app.page.keyboard.press('Escape');
  if (name.startsWith('run-')) await showRun({ state: 'cancelled' });
  if (name !== 'fast-making') return;
  // Nobody will ever answer: the page begins anew.
  expect(await app.get('fast-line').first().getAttribute('data-state')).toBe('making');
  await photograph(app, 'fast-in-row', { theme: 'light', language });
  await answerCalls(app, {});
  await app.page.reload();
  await app.get('status-bar').waitFor();
}

for (const look of looks) {
  test.each(Object.keys(screens))(`the state %s, ${look.theme} in ${look.language}`, async (name) => {
    await wear(app, look);
    const { open, shows } = screens[name]!;
    try {
      await open();
      await app.get(shows).first().waitFor();
      await photograph(app, name, look);
      expect(await misfits(app)).toEqual([]);
      expect(await barriers(app)).toEqual([]);
    } finally {
      await leave(name, look);
    }
  });
}

test('no state met an error or a blocked source', () => {
  expect(app.problems).toEqual([]);
});
