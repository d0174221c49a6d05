/** @file The system's dialogs: which folders, which file. */
import { dialog, type BrowserWindow } from 'electron';
import { extname } from 'node:path';
import type { Messages } from './messages.ts';

/** @returns absolute paths, or null when the person gave up */
export async function chooseFolders(window: BrowserWindow, words: Messages): Promise<string[] | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: words.chooseFolders,
    buttonLabel: words.chooseFoldersButton,
    properties: ['openDirectory', 'multiSelections'],
  });
  return canceled || filePaths.length === 0 ? null : filePaths;
}

/**
 * @param proposal   absolute path to start from
 * @param extension  without the dot; added to a name that has none
 * @returns          absolute path, or null when the person gave up
 */
export async function chooseExportFile(
  window: BrowserWindow,
  words: Messages,
  proposal: string,
  extension: string,
): Promise<string | null> {
  const lastPart = extension.split('.').at(-1)!;
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: words.saveExport,
    defaultPath: proposal,
    filters: [{ name: lastPart.toUpperCase(), extensions: [lastPart] }],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  if (canceled || !filePath) return null;
  return extname(filePath) ? filePath : `${filePath}.${extension}`;
}
