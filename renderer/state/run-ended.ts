/** @file What the person is told when a run has ended. */
import type { RunProgress } from '#core/run.ts';
import type { AppState } from './app.svelte.ts';

export function tellRunEnded(app: AppState, run: RunProgress): void {
  if (run.state === 'failed') {
    app.toasts.error(app.language.error(run.reason ?? 'inference.failed'));
    return;
  }
  const { toast, action } = app.language.text;
  if (run.failed > 0) {
    app.toasts.show(toast.runFinishedFailed(run.done - run.failed, run.failed), {
      label: action.show,
      run: () => app.openSheet('failures'),
    });
  } else if (run.done > 0) {
    app.toasts.show(toast.runFinished(run.done));
  }
}
