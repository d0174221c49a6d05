/**
 * @file Screens worn light and dark, in both languages: photographed, measured, and searched for barriers.
 *
 * The pictures go to `out/screenshots/`. With UPDATE_SCREENSHOTS=1 those that the documents show also go to
 * `docs/screenshots/`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { expect } from 'vitest';
import { root, temporaryFolder, type LaunchedApp } from './electron.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(root, 'out/screenshots');
const documents = process.env['UPDATE_SCREENSHOTS'] ? join(root, 'docs/screenshots') : temporaryFolder('screenshots');
mkdirSync(shots, { recursive: true });
mkdirSync(documents, { recursive: true });

export const looks = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh-CN'] as const).map((language) => ({ theme, language })),
);
export type Look = (typeof looks)[number];

/** The window as it is photographed. */
export async function setWindowSize(app: LaunchedApp, width = 1280, height = 800): Promise<void> {
  await app.electron.evaluate(
    ({ BrowserWindow }, [width, height]) => BrowserWindow.getAllWindows()[0]!.setContentSize(width, height),
    [width, height] as const,
  );
  await app.page.waitForFunction(([width, height]) => innerWidth === width && innerHeight === height, [
    width,
    height,
  ] as const);
}

export async function wear(app: LaunchedApp, { theme, language }: Look): Promise<void> {
  await app.call('settings.set', { theme, language });
  const worn = () =>
    app.page.evaluate(() => `${document.documentElement.dataset['theme']} ${document.documentElement.lang}`);
  await expect.poll(worn).toBe(`${theme} ${language}`);
}

export async function photograph(
  app: LaunchedApp,
  screen: string,
  { theme, language }: Look,
  inDocuments = false,
): Promise<void> {
  // Pictures fade in and messages fade out; the photograph is of what stays.
  await expect.poll(() => app.get('toast').count(), { timeout: 15_000 }).toBe(0);
  await app.page.waitForTimeout(300);
  const name = `${screen}-${theme}${language === 'en' ? '' : `-${language}`}.png`;
  const picture = await app.page.screenshot({ path: join(shots, name), animations: 'disabled' });
  expect(picture.length).toBeGreaterThan(5_000);
  if (inDocuments) await app.page.screenshot({ path: join(documents, name), animations: 'disabled' });
}

/** What a person with a screen reader, or without a mouse, would stumble over. */
export async function barriers({ page }: LaunchedApp): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({ resultTypes: ['violations'] });
  });
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Nothing sticks out of the window, and the window has no empty rest. */
export async function misfits({ page }: LaunchedApp): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push(`page of ${scrollWidth} × ${scrollHeight}`);
    const bar = document.querySelector('[data-testid="status-bar"]')!.getBoundingClientRect();
    if (Math.round(bar.bottom) !== innerHeight || bar.height > 40) found.push(`status bar at ${bar.top}–${bar.bottom}`);
    return found;
  });
}
