/** @file While a run goes on: the bar on the window's icon, and a computer that stays awake. */
import { powerSaveBlocker } from 'electron';
import type { RunProgress } from '#core/run.ts';
import type { AppWindow } from './window.ts';

export class RunIndicator {
  #blocker: number | undefined;

  show({ state, done, total }: RunProgress, window: AppWindow | undefined): void {
    const active = state === 'scanning' || state === 'tuning' || state === 'loading' || state === 'running';
    if (active) this.#blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else this.#release();
    if (!window || window.frame.isDestroyed()) return;
    window.frame.setProgressBar(active ? done / Math.max(1, total) : -1);
  }

  #release(): void {
    if (this.#blocker !== undefined) powerSaveBlocker.stop(this.#blocker);
    this.#blocker = undefined;
  }
}
