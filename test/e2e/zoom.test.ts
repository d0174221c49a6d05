/** @file A window zoomed to twice its size, 640 × 400 of its own pixels: all is reached, nothing is covered, nothing moves by itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labeled, launchApp, photoFolder, root, type LaunchedApp } from '../support/electron.ts';
import { keysOf } from '../support/keys.ts';
import { barriers, misfits, setWindowSize } from '../support/looks.ts';

const count = 12;
const size = { width: 1280, height: 800 };

let app: LaunchedApp;

beforeAll(async () => {
  const photos = await photoFolder(count);
  writeFileSync(join(photos, 'zz-broken.jpg'), 'no picture');
  app = await launchApp({ folders: [photos] });
  await setWindowSize(app, size.width, size.height);
  await labeled(app, count + 1);
  await app.page.locator('[data-testid="grid-cell"][data-label]').first().waitFor();
  // What it says of the broken file lies over other controls until it is read.
  await app.get('toast').getByRole('button').last().click();
  await app.get('toast').waitFor({ state: 'detached' });
  await zoom(2);
});
afterAll(() => app[Symbol.asyncDispose]());

async function zoom(factor: number): Promise<void> {
  await app.electron.evaluate(
    ({ BrowserWindow }, factor) => BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(factor),
    factor,
  );
  await app.page.waitForFunction((width) => innerWidth === width, Math.round(size.width / factor));
}

/** The driver's own pictures are of a part only when the page is zoomed. */
async function photograph(name: string): Promise<void> {
  await app.page.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 150)));
  const png = await app.electron.evaluate(async ({ BrowserWindow }) =>
    (await BrowserWindow.getAllWindows()[0]!.webContents.capturePage()).toPNG().toString('base64'),
  );
  const shots = join(root, 'out/screenshots');
  mkdirSync(shots, { recursive: true });
  writeFileSync(join(shots, `${name}-light.png`), Buffer.from(png, 'base64'));
}

/** A press on the element itself: places on the screen are zoomed, those of the driver are not. */
const click = (testId: string) =>
  app
    .get(testId)
    .first()
    .evaluate((element) => (element as HTMLElement).click());

const { press, type, focused } = keysOf(() => app);

async function openReview(): Promise<void> {
  await click('nav-review');
  await app.get('grid').focus();
  if (await app.get('loupe').isVisible()) await press('Escape');
}

async function openModels(part: string): Promise<void> {
  await click('nav-models');
  await click(`tab-${part}`);
}

/** Every control that the keyboard comes to and that a person could not see whole then, by its name. */
async function hiddenInFocus(): Promise<string[]> {
  return app.page.evaluate(async () => {
    const inside = document.querySelector('dialog[open]') ?? document;
    const controls = [...inside.querySelectorAll<HTMLElement>('a, button, input, select, textarea, [tabindex]')];
    const found: string[] = [];
    // Of a long list the beginning and the end tell.
    const some = controls.length > 80 ? [...controls.slice(0, 40), ...controls.slice(-40)] : controls;
    for (const element of some) {
      if (element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true })) continue;
      // As Tab does: the control scrolls into sight as far as what it lies in can scroll.
      element.focus();
      await new Promise((resolve) => setTimeout(resolve));
      if (document.activeElement !== element) continue;
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const name = element.getAttribute('data-testid') ?? element.outerHTML.slice(0, 120);
      const isOutside = (from: number, to: number, end: number) => to - from <= end && (from < -1 || to > end + 1);
      if (isOutside(left, right, innerWidth) || isOutside(top, bottom, innerHeight))
        found.push(`${name} is outside: ${left}–${right} × ${top}–${bottom}`);
      const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
      const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
      const hit = document.elementFromPoint(x, y);
      if (!hit || !(element.contains(hit) || hit.closest('label')?.contains(element)))
        found.push(`${name} is under ${hit?.outerHTML.slice(0, 120)}`);
    }
    return found;
  });
}

/** Controls that lie over each other, by name; those in a list that scrolls away count where they can be seen. */
async function overlaps(): Promise<string[]> {
  return app.page.evaluate(() => {
    const inside = document.querySelector('dialog[open]') ?? document;
    const controls = [...inside.querySelectorAll('button, input, select, textarea')].filter((element) =>
      element.checkVisibility({ visibilityProperty: true }),
    );
    const found: string[] = [];
    for (const [index, one] of controls.entries()) {
      const a = one.getBoundingClientRect();
      for (const other of controls.slice(index + 1)) {
        // Only neighbours: what lies in another scrolled box is cut off there.
        if (one.parentElement !== other.parentElement || one.contains(other)) continue;
        const b = other.getBoundingClientRect();
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 2 && y > 2) found.push(`${one.outerHTML.slice(0, 90)} over ${other.outerHTML.slice(0, 90)}`);
      }
    }
    return found;
  });
}

/** The longest side of a page or sheet that cannot be scrolled to, in pixels beyond what is seen. */
async function cutOff(): Promise<string[]> {
  return app.page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll('.page, dialog[open] .content, [role="toolbar"], main')) {
      const beyond = element.scrollWidth - element.clientWidth;
      if (beyond > 1) found.push(`${element.className || element.tagName} is ${beyond} wider than seen`);
    }
    const pictures = document.querySelector('[data-testid="grid"], [data-testid="loupe"]');
    if (pictures && pictures.checkVisibility()) {
      const { width, height } = pictures.getBoundingClientRect();
      if (width < 250 || height < 150) found.push(`pictures in ${width} × ${height}`);
    }
    return found;
  });
}

const screens: Record<string, { open: () => Promise<void>; shows: string }> = {
  library: { open: () => click('nav-library'), shows: 'dataset-row' },
  review: { open: openReview, shows: 'grid' },
  sidebar: { open: async () => (await openReview(), await press('Control+b')), shows: 'filter-review-all' },
  inspector: { open: async () => (await openReview(), await press('Control+i')), shows: 'inspector' },
  filter: { open: async () => (await openReview(), await press('f')), shows: 'filter-menu' },
  order: { open: async () => (await openReview(), await press('s')), shows: 'order-menu' },
  loupe: { open: async () => (await openReview(), await press('Space')), shows: 'loupe' },
  groups: { open: () => click('nav-groups'), shows: 'groups' },
  insights: { open: () => click('nav-insights'), shows: 'plot-progress' },
  export: { open: () => click('nav-export'), shows: 'export-preview' },
  models: { open: () => openModels('installed'), shows: 'model-row' },
  'models-table': { open: () => openModels('table'), shows: 'model-table' },
  'models-catalogue': { open: () => openModels('catalogue'), shows: 'catalogue-details' },
  'models-compare': { open: () => openModels('compare'), shows: 'compare-dataset' },
  settings: { open: () => click('nav-settings'), shows: 'settings-theme' },
  palette: { open: async () => (await openReview(), await press('Control+k')), shows: 'palette' },
  shortcuts: { open: async () => (await openReview(), await press('Shift+?')), shows: 'shortcuts-sheet' },
  categories: { open: async () => (await openReview(), await press('Control+Shift+C')), shows: 'categories-sheet' },
  'import-labels': { open: async () => (await openReview(), await press('Control+Shift+E')), shows: 'labels-file' },
  learn: {
    open: async () => (await openReview(), await press('Control+b'), await click('learn-line')),
    shows: 'learn-sheet',
  },
  practice: {
    open: async () => (await openReview(), await press('Shift+?'), await click('start-practice')),
    shows: 'practice-sheet',
  },
  failures: { open: async () => (await openReview(), await click('open-failures')), shows: 'failures-sheet' },
  'add-model': { open: async () => (await openModels('installed'), await click('add-model')), shows: 'import-file' },
};
/** What these opened stays open behind them. */
const panelKeys: Record<string, string> = { sidebar: 'Control+b', learn: 'Control+b', inspector: 'Control+i' };
/** A menu closes when the keyboard leaves it, so nobody walks through one. */
const menus = ['order'];

test.each(Object.keys(screens))(
  'at 200 % the screen %s is whole, and every control in it is seen in focus',
  async (name) => {
    const { open, shows } = screens[name]!;
    try {
      await open();
      await app.get(shows).first().waitFor();
      await photograph(`zoom-${name}`);
      // A sheet begins with what there is to do, not with closing it.
      expect(
        await app.page.evaluate(() => document.activeElement?.closest('dialog header')?.textContent),
      ).toBeUndefined();
      expect(await misfits(app)).toEqual([]);
      expect(await cutOff()).toEqual([]);
      expect(await overlaps()).toEqual([]);
      expect(await barriers(app)).toEqual([]);
      if (!menus.includes(name)) expect(await hiddenInFocus()).toEqual([]);
    } finally {
      await press('Escape');
      if (name in panelKeys) await openReview();
    }
  },
);

test('panels of a narrow window open one at a time, close with Escape, and leave the layout of a wide one alone', async () => {
  await openReview();
  const panels = async () => [await app.get('filter-review-all').isVisible(), await app.get('inspector').isVisible()];
  await expect.poll(panels).toEqual([false, false]);
  await press('Control+i');
  await expect.poll(panels).toEqual([false, true]);
  await press('Control+b');
  await expect.poll(panels).toEqual([true, false]);
  await app.get('filter-review-all').focus();
  await press('Escape');
  await expect.poll(panels).toEqual([false, false]);
  await expect.poll(focused).toBe('grid');

  await press('l');
  await expect.poll(panels).toEqual([false, false]);
  await zoom(1);
  await expect.poll(panels).toEqual([true, true]);
  await zoom(2);
  await expect.poll(panels).toEqual([false, false]);
});

test('at 200 % pictures are decided by keys: accepted, labeled with a word, and taken back', async () => {
  await openReview();
  const reviewed = async () => (await app.call('datasets.list', {}))[0]!.byReview;
  const { unreviewed } = await reviewed();
  await press('Home', 'a');
  await expect.poll(reviewed).toMatchObject({ accepted: 1, unreviewed: unreviewed - 1 });
  await press('/');
  await app.get('inspector').waitFor();
  await type('my word');
  await press('Enter');
  await expect.poll(reviewed).toMatchObject({ accepted: 1, corrected: 1 });
  await press('Escape', 'Escape');
  await app.get('grid').focus();
  await press('z', 'z');
  await expect.poll(reviewed).toMatchObject({ accepted: 0, corrected: 0, unreviewed });
});

test.each([1.25, 1.5])('at %s times the size no screen sticks out', async (factor) => {
  await zoom(factor);
  for (const name of ['library', 'review', 'groups', 'insights', 'models', 'settings']) {
    await screens[name]!.open();
    await app.get(screens[name]!.shows).first().waitFor();
    await photograph(`zoom-${factor}-${name}`);
    expect([...(await misfits(app)), ...(await cutOff()), ...(await overlaps())].map((it) => `${name}: ${it}`)).toEqual(
      [],
    );
  }
});

test('for those who want less motion nothing moves', async () => {
  await zoom(2);
  await app.page.emulateMedia({ reducedMotion: 'reduce' });
  const moving = () =>
    app.page.evaluate(() => {
      const seconds = (list: string) => Math.max(...list.split(',').map((time) => Number.parseFloat(time)));
      const found: string[] = [];
      for (const element of document.querySelectorAll('*')) {
        for (const part of element instanceof HTMLDialogElement ? ['', '::backdrop'] : ['', '::before', '::after']) {
          const style = getComputedStyle(element, part || null);
          const longest = Math.max(
            seconds(style.transitionDuration) + seconds(style.transitionDelay),
            style.animationName === 'none' ? 0 : seconds(style.animationDuration) + seconds(style.animationDelay),
          );
          const forever = style.animationName !== 'none' && style.animationIterationCount === 'infinite';
          if (longest > 0.01 || forever || style.scrollBehavior === 'smooth')
            found.push(`${element.className || element.tagName}${part}: ${longest} s`);
        }
      }
      return found;
    });
  for (const [name, { open, shows }] of Object.entries(screens)) {
    await open();
    await app.get(shows).first().waitFor();
    expect((await moving()).map((it) => `${name}: ${it}`)).toEqual([]);
    await press('Escape');
    const panelKey = panelKeys[name];
    if (panelKey) await press(panelKey);
  }
  // One that would go on for ever is still, too.
  await app.page.evaluate(() => {
    const element = document.createElement('i');
    element.className = 'still';
    element.style.cssText = 'animation: breathe 1.6s 1s infinite; transition: opacity 2s 1s';
    document.body.append(element);
  });
  expect(await moving()).toEqual([]);
  await app.page.evaluate(() => document.querySelector('.still')!.remove());
  // Of the broken file there is no small copy, which is asked for until it is known.
  expect(app.problems.filter((problem) => !problem.includes('404'))).toEqual([]);
});
