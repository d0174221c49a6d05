/** @file How fast the open review screen answers, shows pictures and scrolls; measured inside the page. */
import type { LaunchedApp } from '../support/electron.ts';

/** Milliseconds. */
export interface Times {
  count: number;
  median: number;
  p95: number;
  worst: number;
}

export interface Scrolled extends Times {
  /** Frames that took longer than 50 ms. */
  late: number;
  /** Of the cells on the screen, averaged over the frames: how many showed their picture, in [0, 1]. */
  shown: number;
}

export function timesOf(values: readonly number[]): Times {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { count: values.length, median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** The calls that a person at work makes, from the page to the engine and back. Leaves the list on the screen without its view. */
export async function measureCalls({ page }: LaunchedApp, rounds: number): Promise<Record<string, Times>> {
  const measured = await page.evaluate(async (rounds) => {
    const ask = async <Value>(name: string, input: object): Promise<Value> => {
      const result = await window.labelwright.call(name, input);
      if (!result.ok) throw new Error(result.error.code);
      return JSON.parse(result.value!) as Value;
    };
    const [dataset] = await ask<{ id: number; imageCount: number }[]>('datasets.list', {});
    const datasetId = dataset!.id;
    const byName = { key: 'name', descending: false };
    const bySureness = { key: 'score', descending: false };
    const { viewId, total } = await ask<{ viewId: number; total: number }>('view.open', {
      datasetId,
      filter: {},
      sort: byName,
    });
    const [category] = await ask<{ id: number }[]>('categories.list', { datasetId });
    const place = (round: number) => Math.floor((round * 0.618034 * total) % Math.max(1, total - 200));
    const someIds = await ask<{ id: number }[]>('view.rows', { viewId, from: total >> 1, count: 200 });
    const imageId = (round: number) => someIds[round % someIds.length]!.id;
    const calls: Record<string, (round: number) => [string, object]> = {
      'view.rows, 200 rows': (round) => ['view.rows', { viewId, from: place(round), count: 200 }],
      'view.locate': (round) => ['view.locate', { viewId, imageId: imageId(round) }],
      'view.next-unreviewed': (round) => ['view.next-unreviewed', { viewId, from: place(round) }],
      'image.get': (round) => ['image.get', { imageId: imageId(round) }],
      'datasets.list': () => ['datasets.list', {}],
      // Last: the engine forgets the oldest views.
      'view.open, by name': () => ['view.open', { datasetId, filter: {}, sort: byName }],
      'view.open, one category by score': () => [
        'view.open',
        { datasetId, filter: { categoryId: category!.id }, sort: bySureness },
      ],
    };
    const times: Record<string, number[]> = {};
    for (const [title, input] of Object.entries(calls)) {
      times[title] = [];
      for (let round = 0; round < rounds; round++) {
        const [name, given] = input(round);
        const startedMs = performance.now();
        await ask(name, given);
        times[title].push(performance.now() - startedMs);
      }
    }
    return times;
  }, rounds);
  return Object.fromEntries(Object.entries(measured).map(([title, values]) => [title, timesOf(values)]));
}

/**
 * Small copies that lie on the disk, asked for and decoded by the page, none of them twice.
 *
 * @returns  pictures a second
 */
export async function measureThumbnails({ page }: LaunchedApp, count: number): Promise<number> {
  return page.evaluate(async (count) => {
    const ask = async <Value>(name: string, input: object): Promise<Value> => {
      const result = await window.labelwright.call(name, input);
      if (!result.ok) throw new Error(result.error.code);
      return JSON.parse(result.value!) as Value;
    };
    const [dataset] = await ask<{ id: number }[]>('datasets.list', {});
    const { viewId, total } = await ask<{ viewId: number; total: number }>('view.open', {
      datasetId: dataset!.id,
      filter: {},
      sort: { key: 'name', descending: true },
    });
    const urls: string[] = [];
    const start = Math.floor(Math.random() * Math.max(1, total - count));
    for (let from = start; urls.length < count && from < total; from += 500) {
      const rows = await ask<{ token: string; version: string }[]>('view.rows', { viewId, from, count: 500 });
      urls.push(...rows.map(({ token, version }) => `thumb://i/${token}?s=s&v=${encodeURIComponent(version)}`));
    }
    urls.length = Math.min(urls.length, count);
    let next = 0;
    // As many at a time as cells come into sight with a turn of the wheel.
    const lane = async () => {
      while (next < urls.length) {
        const picture = new Image();
        picture.src = urls[next++]!;
        await picture.decode();
      }
    };
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: 12 }, lane));
    return urls.length / ((performance.now() - startedMs) / 1000);
  }, count);
}

/**
 * Scroll the grid from where it stands.
 *
 * @param pixelsPerSecond  2,000 is a quick turn of the wheel, 20,000 a drag of the bar
 */
export async function measureScroll(
  { page }: LaunchedApp,
  pixelsPerSecond: number,
  seconds: number,
): Promise<Scrolled> {
  const { frames, shown } = await page.evaluate(
    async ([pixelsPerSecond, seconds]) => {
      const grid = document.querySelector('[data-testid="grid"]')!;
      const nextFrame = () => new Promise<number>((drawn) => requestAnimationFrame(drawn));
      const frames: number[] = [];
      let cells = 0;
      let pictures = 0;
      const begunMs = await nextFrame();
      const from = grid.scrollTop;
      for (let last = begunMs; last - begunMs < seconds * 1000;) {
        const now = await nextFrame();
        frames.push(now - last);
        last = now;
        if (frames.length % 5 === 0) {
          const { top, bottom } = grid.getBoundingClientRect();
          for (const cell of grid.querySelectorAll('[data-testid="grid-cell"]')) {
            const box = cell.getBoundingClientRect();
            if (box.bottom < top || box.top > bottom) continue;
            cells++;
            if (cell.querySelector('img')?.complete && cell.hasAttribute('data-image-id')) pictures++;
          }
        }
        grid.scrollTop = from + ((now - begunMs) / 1000) * pixelsPerSecond;
      }
      return { frames, shown: pictures / cells };
    },
    [pixelsPerSecond, seconds] as const,
  );
  return { ...timesOf(frames), late: frames.filter((frame) => frame > 50).length, shown };
}
