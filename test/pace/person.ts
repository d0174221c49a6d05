/**
 * @file A person at the keyboard of the real app who decides picture after picture, in time with a clock whether the
 * app keeps up or not, and takes some of it back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { LaunchedApp } from '../support/electron.ts';
import { eventsOf, keptBack, strokeFor, takingBack } from './strokes.ts';

export interface Sitting {
  /** Decisions a second, from the first key until the engine has them all. */
  perSecond: number;
  /** Milliseconds from its last key to the frame that shows it; undefined for pictures that were not seen to change. */
  visibleMs: (number | undefined)[];
  /** Keys sent, and keys that reached the page. */
  sent: number;
  reached: number;
}

/**
 * Decide the first `count` pictures of the list, each with its own key or word, then take some back.
 *
 * @param perSecond  decisions; each is sent when its time has come, without waiting for what became of the one before
 */
export async function decideAll(
  app: LaunchedApp,
  count: number,
  perSecond: number,
  where: 'grid' | 'loupe' = 'grid',
): Promise<Sitting> {
  const { page } = app;
  await app.get('nav-review').press('Enter');
  await page.locator('[data-testid="grid-cell"][data-index="0"][data-image-id]').waitFor();
  await page.getByTestId('grid').focus();
  await page.keyboard.press('Home');
  // The grid goes on behind it, which is where a decision is seen.
  if (where === 'loupe') await page.keyboard.press('Space');
  await page.evaluate(watchKeys, count);
  const { id: datasetId, byReview } = (await app.call('datasets.list', {}))[0]!;
  const { unreviewed } = byReview;
  const sort = { key: 'name', descending: false } as const;
  const { viewId } = await app.call('view.open', { datasetId, filter: {}, sort });
  const flagged = (await app.call('view.rows', { viewId, from: count - keptBack, count: 1 }))[0]!;

  const keyboard = await page.context().newCDPSession(page);
  let sent = 0;
  const send = async (strokes: readonly string[][]): Promise<void> => {
    const pressed: Promise<unknown>[] = [];
    const begunMs = performance.now();
    for (const [index, keys] of strokes.entries()) {
      await pause(Math.max(0, begunMs + (index * 1000) / perSecond - performance.now()));
      for (const event of keys.flatMap(eventsOf)) pressed.push(keyboard.send('Input.dispatchKeyEvent', event));
      sent += keys.length;
    }
    await Promise.all(pressed);
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    // Keys that were lost leave pictures as they were; which ones is told afterwards.
    for (const untilMs = Date.now() + 60_000; Date.now() < untilMs && !(await isSo());) await pause(20);
  };

  const begunMs = performance.now();
  await send(Array.from({ length: count }, (_, index) => strokeFor(index).keys));
  await until(async () => (await app.call('datasets.list', {}))[0]!.byReview.unreviewed === unreviewed - count);
  const seconds = (performance.now() - begunMs) / 1000;
  await send(takingBack);
  await until(async () => (await app.call('image.get', { imageId: flagged.id })).flagged);
  const { visibleMs, reached } = await page.evaluate(() => window.keysSeen!);
  return { perSecond: count / seconds, visibleMs, sent, reached };
}

interface KeysSeen {
  visibleMs: (number | undefined)[];
  reached: number;
}

declare global {
  interface Window {
    keysSeen?: KeysSeen;
  }
}

/** Runs in the page: from the key that reaches it to the end of the frame that shows its picture decided. */
function watchKeys(count: number): void {
  const seen: KeysSeen = { visibleMs: [], reached: 0 };
  /** When the picture of each place was decided; the list is decided from its start, one after another. */
  const pressedMs: number[] = [];
  window.keysSeen = seen;
  window.addEventListener(
    'keydown',
    ({ key, target, timeStamp }) => {
      seen.reached++;
      const decides = target instanceof HTMLInputElement ? key === 'Enter' : key !== '/';
      if (decides && pressedMs.length < count) pressedMs.push(timeStamp);
    },
    { capture: true },
  );
  const shown = new Set<number>();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const { index, review } = (target as HTMLElement).dataset;
      const place = Number(index);
      if (shown.has(place) || review === undefined || review === 'unreviewed') continue;
      shown.add(place);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => void (seen.visibleMs[place] = performance.now() - pressedMs[place]!);
      // The first task after a frame's callbacks comes when it is drawn.
      requestAnimationFrame(() => port2.postMessage(null));
    }
  }).observe(document.querySelector('[data-testid="grid"]')!, { subtree: true, attributeFilter: ['data-review'] });
}
