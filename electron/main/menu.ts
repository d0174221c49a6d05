/** @file The application menu: what it offers, in which words, with which keys. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '#contract/calls.ts';
import type { Messages } from './messages.ts';

/**
 * @param send  called with the command of the entry chosen; the page carries it out
 */
export function menuTemplate(
  words: Messages,
  platform: NodeJS.Platform,
  send: (command: MenuCommand) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const entry = (label: string, command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => send(command),
    ...(accelerator ? { accelerator } : {}),
  });
  /** A key the page listens to itself, since it means something else while a person types; shown only. */
  const shown = (label: string, command: MenuCommand, accelerator: string): MenuItemConstructorOptions =>
    isMac ? entry(label, command) : { ...entry(label, command, accelerator), registerAccelerator: false };
  const separator: MenuItemConstructorOptions = { type: 'separator' };

  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: words.file,
      submenu: [
        entry(words.openFolder, 'open-folder', 'CmdOrCtrl+O'),
        separator,
        entry(words.export, 'export', 'CmdOrCtrl+E'),
        entry(words.importLabels, 'import-labels', 'CmdOrCtrl+Shift+E'),
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      // The system's own: they serve the text fields.
      label: words.edit,
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        separator,
        entry(words.find, 'find', 'CmdOrCtrl+F'),
      ],
    },
    {
      label: words.review,
      submenu: [
        entry(words.startRun, 'start-run', 'CmdOrCtrl+Enter'),
        entry(words.pauseRun, 'pause-run'),
        separator,
        shown(words.undo, 'undo', 'Z'),
        shown(words.redo, 'redo', 'Shift+Z'),
        separator,
        shown(words.selectAll, 'select-all', 'CmdOrCtrl+A'),
      ],
    },
    {
      label: words.view,
      submenu: [
        entry(words.library, 'show-library', 'CmdOrCtrl+1'),
        entry(words.reviewScreen, 'show-review', 'CmdOrCtrl+2'),
        entry(words.models, 'show-models', 'CmdOrCtrl+3'),
        entry(words.settings, 'show-settings', 'CmdOrCtrl+,'),
        separator,
        entry(words.sidebar, 'toggle-sidebar', 'CmdOrCtrl+B'),
        entry(words.inspector, 'toggle-inspector', 'CmdOrCtrl+I'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    ...(isMac ? [{ role: 'windowMenu', label: words.window } as const] : []),
    {
      label: words.help,
      role: 'help',
      submenu: [shown(words.shortcuts, 'show-shortcuts', '?'), ...(isMac ? [] : [{ role: 'about' } as const])],
    },
  ];
}
