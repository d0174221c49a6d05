/** @file Small copies of pictures in the grid: they come late rather than never. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { labeled, launchApp, photoFolder } from '../support/electron.ts';

/** Processes that were started with these words. */
function processesWith(...words: string[]): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
        return words.every((word) => command.some((part) => part.includes(word)));
      } catch {
        return false; // Gone meanwhile.
      }
    })
    .map(Number);
}

test('pictures that a dying engine owed are there when the engine is back', async () => {
  const count = 6;
  await using app = await launchApp({ folders: [await photoFolder(count)] });
  await labeled(app, count);
  const shown = () => app.page.locator('[data-testid="grid-cell"] img.loaded').count();
  await expect.poll(shown, { timeout: 30_000 }).toBe(count);

  // The answer of main while the engine is away, for all pictures of a fresh page.
  await app.page.route('thumb://**', (route) =>
    route.fulfill({ status: 503, headers: { 'Cache-Control': 'no-store' } }),
  );
  await app.page.reload();
  await app.get('nav-review').click();
  await app.get('grid').waitFor();
  await expect.poll(() => app.page.locator('[data-testid="grid-cell"][data-image-id]').count()).toBe(count);
  await expect.poll(() => app.page.locator('[data-testid="grid-cell"] img').count()).toBe(0);
  await app.page.unroute('thumb://**');

  const [engine] = processesWith('--library', app.userData);
  process.kill(engine!, 'SIGKILL');

  await expect.poll(shown, { timeout: 30_000 }).toBe(count);
});
