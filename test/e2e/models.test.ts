/** @file Other people's models in the app: added from a file, fetched, measured, compared, renamed, removed. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseModelId } from '#core/model.ts';
import { softmax } from '#core/scores.ts';
import { chooseFolders, labeled, launchApp, temporaryFolder, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { samplePhotos } from '../support/pictures.ts';
import { randomSafetensors } from '../support/safetensors.ts';
import { serveFile } from '../support/web-server.ts';
import { weightFixture, weightReference } from '../support/weights.ts';

const files = temporaryFolder('model-files');
const names = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen', 'ibis', 'jay'];
const bundled = 'resnext26-tags';
const { photos, models: references } = weightReference();
/** One that needs no click for its licence, and one that does. */
const weights = 'timm.resnext50-32x4d.a1h-in1k';
const restricted = 'timm.resnext50-32x4d.fb-ssl-yfcc100m-ft-in1k';

let app: LaunchedApp;
beforeAll(async () => {
  app = await launchApp();
  await app.get('nav-models').click();
  await modelRow(bundled).waitFor();
});
afterAll(() => app[Symbol.asyncDispose]());

const { press, focused } = keysOf(() => app);

const modelRow = (id: string) => app.page.locator(`[data-testid="model-row"][data-model-id="${id}"]`);
const entryRow = (id: string) => app.page.locator(`[data-testid="catalogue-row"][data-entry-id="${id}"]`);
const tableRow = (id: string) => app.page.locator(`[data-testid="table-row"][data-model-id="${id}"]`);
const installed = async () => (await app.call('models.list', {})).map(({ id }) => id);

function fileOf(name: string, text: string): string {
  const path = join(files, name);
  writeFileSync(path, text);
  return path;
}

test('a file that is no model is refused with its reason, and Esc leads back to where one was', async () => {
  // Saved with `torch.save(model)`: a whole program instead of weights.
  await chooseFolders(app, [weightFixture('module.pth')]);
  await app.get('add-model').focus();
  await press('Enter');
  await expect.poll(focused).toBe('import-file');
  await press('Enter');

  await app.get('import-problem').waitFor();
  expect(await app.get('import-problem').textContent()).toMatch(/cannot be added.*torch/);
  await press('Escape');
  await expect.poll(() => app.get('add-model-sheet').count()).toBe(0);
  expect(await focused()).toBe('add-model');
});

test('whoever gives up in the dialog can choose again', async () => {
  await chooseFolders(app, null);
  await app.get('add-model').click();
  await app.get('import-file').click();
  await expect.poll(() => app.get('import-step').getAttribute('data-step')).toBe('choose');
  expect(await app.get('import-problem').count()).toBe(0);
  await press('Escape');
});

test('weights saved by PyTorch become the model of new runs, by keyboard alone', async () => {
  await chooseFolders(app, [weightFixture('torchvision.pth')]);
  await app.get('add-model').focus();
  await press('Enter');
  await expect.poll(focused).toBe('import-file');
  await press('Enter');
  await app.get('recognised').waitFor();
  expect(await app.get('recognised').textContent()).toMatch(/torchvision.*PyTorch.*10.*224 × 224/s);

  // The keyboard is in the name; the id follows, then preprocessing, labels, licence.
  await expect.poll(focused).toBe('import-title');
  await press('Control+A');
  await app.page.keyboard.type('Garden animals');
  await press('Tab');
  await press('Control+A');
  await app.page.keyboard.type('Garden');
  await expect.poll(() => app.get('import-submit').isDisabled()).toBe(true);
  await press('Control+A');
  await app.page.keyboard.type('garden');
  await app.get('import-preprocess').selectOption('torchvision-v1');

  await chooseFolders(app, [fileOf('short.txt', names.slice(1).join('\n'))]);
  await app.get('import-choose-labels').focus();
  await press('Enter');
  await app.get('import-problem').waitFor();
  expect(await app.get('import-problem').textContent()).toMatch(/9.*10/);
  await chooseFolders(app, [fileOf('animals.txt', names.join('\n'))]);
  await press('Enter');
  await app.get('import-labels').filter({ hasText: 'ant, bee, cat' }).waitFor();
  expect(await app.get('import-labels-file').isChecked()).toBe(true);
  await app.get('import-licence').focus();
  await app.page.keyboard.type('Mine');
  await press('Enter');

  await app.get('import-use').waitFor({ timeout: 60_000 });
  await expect.poll(focused).toBe('import-use');
  await press('Enter');
  await modelRow('garden').getByTestId('model-used').waitFor();
  expect(await app.call('models.list', {})).toContainEqual(
    expect.objectContaining({ id: 'garden', title: 'Garden animals', licence: 'Mine', own: true, problem: null }),
  );
  expect(await modelRow('garden').textContent()).toContain('bilinear, 256 → 224');
});

test('the sample photos get the labels that PyTorch itself gives them', async () => {
  const { datasetId } = await app.call('samples.open', {});
  await app.call('run.start', { datasetId, modelId: 'garden', topK: 5 });
  await labeled(app, samplePhotos.length);
  await app.get('nav-review').click();
  await app.get('grid').waitFor();

  const view = await app.call('view.open', { datasetId, filter: {}, sort: { key: 'name', descending: false } });
  const rows = await app.call('view.rows', { viewId: view.viewId, from: 0, count: 100 });
  const shown = app.page.locator('[data-testid="grid-cell"][data-label]');
  await expect.poll(() => shown.count()).toBe(samplePhotos.length);
  for (const [index, photo] of photos.entries()) {
    const scores = softmax(Float32Array.from(references['torchvision.pth']!.logits[index]!));
    const best = scores.indexOf(Math.max(...scores));
    const row = rows.find(({ name }) => basename(name, '.jpg') === basename(photo, '.webp'))!;
    const detail = await app.call('image.get', { imageId: row.id });
    expect(detail.predictions[0], photo).toMatchObject({ category: names[best] });
    expect(detail.predictions[0]!.score, photo).toBeCloseTo(scores[best]!, 2);
    expect(await app.page.locator(`[data-testid="grid-cell"][data-label="${names[best]}"]`).count()).toBeGreaterThan(0);
  }
  await expect.poll(() => app.get('status-model').textContent()).toMatch(/Garden animals · CPU/);
});

test('another model labels the same photos, and the two are compared', async () => {
  await app.get('nav-models').click();
  await modelRow(bundled).getByTestId('use-model').click();
  await modelRow(bundled).getByTestId('model-used').waitFor();
  await app.get('nav-review').click();
  await press('Control+Enter');
  const used = async () => {
    const [dataset] = await app.call('datasets.list', {});
    return app.call('models.used', { datasetId: dataset!.id });
  };
  await expect
    .poll(async () => (await used()).map(({ imageCount }) => imageCount), { timeout: 60_000 })
    .toEqual([8, 8]);
  await labeled(app, samplePhotos.length);

  await app.get('nav-models').click();
  await app.get('tab-compare').click();
  await app.get('comparison').waitFor();
  expect(await app.get('comparison-agreement').textContent()).toBe('0%');
  expect(await app.get('compare-model-0').inputValue()).toBe('garden');
  expect(await app.get('comparison-confusion').getByRole('row').count()).toBeGreaterThan(2);
  // Its fast version, where this machine computes that exactly and faster.
  const { modelId } = (await used()).find(({ modelId }) => baseModelId(modelId) === bundled)!;
  await app.get('compare-model-0').selectOption(modelId);
  await expect.poll(() => app.get('compare-model-1').inputValue()).toBe('garden');
});

test('the keyboard goes from part to part with the arrows', async () => {
  await app.get('tab-compare').focus();
  await press('Home');
  await modelRow('garden').waitFor();
  await press('ArrowRight');
  await app.get('model-table').waitFor();
  expect(await focused()).toBe('tab-table');
});

test('the table is ordered by a click or a key on the head of a column', async () => {
  const first = async () => (await app.get('table-row').first().getAttribute('data-model-id')) ?? '';
  const head = app.page.locator('th:has([data-testid="sort-top1"])');
  await app.get('sort-top1').click();
  expect(await head.getAttribute('aria-sort')).toBe('descending');
  expect(await first()).toBe('paddleclas.fix-resnext101-32x48d-wsl');

  await press('Enter');
  expect(await head.getAttribute('aria-sort')).toBe('ascending');
  expect(await first()).toMatch(/resnext50-32x4d/);
});

test('a model is measured in its row, and so is an architecture that is not installed', async () => {
  for (const id of ['garden', 'paddleclas.resnext50-32x4d']) {
    await app.get('table-find').fill(id);
    await tableRow(id).getByTestId('measure').click();
    await expect
      .poll(() => tableRow(id).locator('td').allTextContents(), { timeout: 120_000, interval: 500 })
      .toSatisfy((cells: string[]) => cells.slice(4, 8).every((cell) => /^[\d.,]+$/.test(cell.trim())));
  }
  await app.get('table-find').fill('');
  await app.get('tab-installed').click();
  expect(await modelRow('garden').getByTestId('model-rate').textContent()).toMatch(/^\d.* images\/s$/);
});

test('weights that may not be used commercially are fetched only after a click that says so', async () => {
  const gone = await serveFile(Buffer.alloc(0));
  await gone.close();
  await app.call('settings.set', { mirror: gone.origin });
  await app.get('tab-catalogue').click();
  await app.get('catalogue-find').fill('fb_ssl 50');
  await entryRow(restricted).getByTestId('download').click();
  await app.get('licence-sheet').filter({ hasText: 'CC-BY-NC-4.0' }).waitFor();
  await press('Escape');
  expect(await entryRow(restricted).getAttribute('data-state')).toBe('none');

  await entryRow(restricted).getByTestId('download').click();
  await app.get('licence-accept').click();
  // Nobody answers there: one sentence, and the manual way with the address.
  await app.get('download-error').waitFor({ timeout: 60_000 });
  expect(await app.get('download-error').textContent()).toMatch(/server could not be reached.*Add model…/s);
  expect(await app.get('catalogue-url').textContent()).toContain(
    'resnext50_32x4d.fb_ssl_yfcc100m_ft_in1k/resolve/main',
  );
});

test('a download that was stopped by hand and broken by the server goes on, and becomes a model', async () => {
  const server = await serveFile(randomSafetensors('ResNeXt50_32x4d'), [
    { pauseMs: 10 },
    { dropAfter: 10_000_000 },
    {},
  ]);
  await app.get('nav-settings').click();
  await app.get('settings-mirror').fill('nonsense');
  await press('Enter');
  expect(await app.get('settings-mirror').getAttribute('aria-invalid')).toBe('true');
  await app.get('settings-mirror').fill(server.origin);
  await press('Enter');
  await expect.poll(async () => (await app.call('settings.get', {})).mirror).toBe(server.origin);

  await app.get('nav-models').click();
  await app.get('tab-catalogue').click();
  await app.get('catalogue-find').fill('a1h timm');
  const row = entryRow(weights);
  await row.getByTestId('download').click();
  await app
    .get('download-line')
    .filter({ hasText: /^\d\.\d MB of 50\.2 MB · .*MB\/s · .* left$/ })
    .waitFor();
  await row.getByTestId('download-cancel').click();
  await expect.poll(() => row.getAttribute('data-state')).toBe('cancelled');
  expect(await app.get('download-line').textContent()).toMatch(/^Stopped\. \d+(\.\d)? MB are kept/);

  await row.getByTestId('download').filter({ hasText: 'Resume' }).click();
  await row.getByText('Installed').waitFor({ timeout: 120_000 });
  expect(server.requests).toHaveLength(3);
  for (const { headers } of server.requests.slice(1)) expect(headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  await row.getByTestId('catalogue-details').click();
  expect(await app.get('catalogue-received').textContent()).toMatch(/^[0-9a-f]{64}$/);
  expect(await installed()).toContain(weights);
  await app.get('tab-installed').click();
  expect(await modelRow(weights).textContent()).toMatch(
    /bicubic, 235 → 224.*25\.\d+ M.*Apache-2\.0.*ImageNet-1k top-1/s,
  );
});

test('an own model is renamed in its place and removed after one question; the one of the app is neither', async () => {
  expect(await modelRow(bundled).getByTestId('remove-model').count()).toBe(0);
  await modelRow('garden').locator('[data-rename]').click();
  await app.page.keyboard.type('Animals');
  await press('Enter');
  await modelRow('garden').getByRole('heading', { name: 'Animals' }).waitFor();
  await expect
    .poll(async () => (await app.call('models.list', {})).find(({ id }) => id === 'garden')?.title)
    .toBe('Animals');

  await modelRow('garden').getByTestId('remove-model').click();
  await app.get('remove-sheet').waitFor();
  await press('Escape');
  expect(await installed()).toContain('garden');
  await modelRow('garden').getByTestId('remove-model').click();
  await app.get('remove-confirm').click();
  await expect.poll(() => modelRow('garden').count()).toBe(0);
  expect(existsSync(join(app.userData, 'models', 'garden'))).toBe(false);
  expect(existsSync(join(app.userData, 'models', weights))).toBe(true);
});

test('every way to compute is tried, and a failure has a reason', async () => {
  await app.get('nav-settings').click();
  await app.get('providers-probe').click();
  await expect.poll(() => app.get('providers-probe').isEnabled(), { timeout: 120_000 }).toBe(true);

  const states = await app.call('providers.list', {});
  expect(states[0]).toMatchObject({ provider: 'cpu', state: 'works' });
  for (const { provider, state, reason } of states) {
    const row = app.get(`provider-${provider}`);
    expect(await row.getAttribute('data-state')).toBe(state);
    expect(state).not.toBe('untried');
    if (state === 'fails') expect(await row.textContent()).toContain(reason);
  }
});

test('the page met no error and no blocked source on the way', () => {
  expect(app.problems).toEqual([]);
});
