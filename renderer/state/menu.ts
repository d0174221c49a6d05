/** @file What each entry of the menu does. */
import type { MenuCommand } from '#contract/calls.ts';
import type { AppState } from './app.svelte.ts';

export function runMenuCommand(app: AppState, command: MenuCommand): void {
  const work: Record<MenuCommand, () => unknown> = {
    'open-folder': () => app.attempt(() => app.chooseFolder()),
    export: () => app.show('export'),
    'import-labels': () => app.library.current && app.openSheet('import-labels'),
    'start-run': () => app.attempt(() => app.startRun()),
    'pause-run': () => app.attempt(() => app.pauseRun()),
    undo: () => app.decisions.undo(),
    redo: () => app.decisions.redo(),
    'select-all': () => app.review.selectAll(),
    find: () => (app.show('review'), app.focusField('search')),
    'toggle-sidebar': () => app.panels.toggle('sidebar'),
    'toggle-inspector': () => app.panels.toggle('inspector'),
    'show-library': () => app.show('library'),
    'show-review': () => app.show('review'),
    'show-models': () => app.show('models'),
    'show-settings': () => app.show('settings'),
    'show-shortcuts': () => app.openSheet('shortcuts'),
  };
  void work[command]();
}
