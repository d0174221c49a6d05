/** @file The system's dialogs: which folders, which file. */
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
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
 * @param extension  without the dot, added to a name that has none; empty: what is named becomes a folder
 * @returns          absolute path, or null when the person gave up
 */
export async function chooseExportFile(
  window: BrowserWindow,
  title: string,
  proposal: string,
  extension: string,
): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: proposal,
    ...(extension && { filters: [{ name: extension.toUpperCase(), extensions: [extension] }] }),
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  if (canceled || !filePath) return null;
  return !extension || extname(filePath) ? filePath : `${filePath}.${extension}`;
}

/** What the importers read; a weight file with another ending is found under "all files". */
const modelExtensions = ['onnx', 'safetensors', 'pth', 'pt', 'bin', 'pdparams', 'pdmodel', 'json', 'tar'];

/** @returns the absolute path of a file or a folder, or null when the person gave up */
export async function chooseModel(
  window: BrowserWindow,
  words: Messages,
  kind: 'file' | 'folder',
): Promise<string | null> {
  return chooseOne(window, {
    title: kind === 'file' ? words.chooseModelFile : words.chooseModelFolder,
    properties: [kind === 'file' ? 'openFile' : 'openDirectory'],
    ...(kind === 'file' && {
      filters: [
        { name: words.modelFiles, extensions: modelExtensions },
        { name: words.allFiles, extensions: ['*'] },
      ],
    }),
  });
}

/** @returns the absolute path of a list of labels, or null when the person gave up */
export async function chooseLabels(window: BrowserWindow, words: Messages): Promise<string | null> {
  return chooseOne(window, {
    title: words.chooseLabels,
    properties: ['openFile'],
    filters: [{ name: words.labelLists, extensions: ['txt', 'csv', 'json'] }],
  });
}

/** @returns the absolute path of a file or folder with labels of pictures, or null when the person gave up */
export async function chooseLabeled(
  window: BrowserWindow,
  words: Messages,
  target: 'file' | 'folder',
): Promise<string | null> {
  return chooseOne(window, {
    title: target === 'file' ? words.chooseLabeledFile : words.chooseLabeledFolder,
    properties: [target === 'file' ? 'openFile' : 'openDirectory'],
    ...(target === 'file' && {
      filters: [
        { name: words.labeledFiles, extensions: ['csv', 'tsv', 'txt', 'json', 'jsonl', 'xml', 'parquet'] },
        { name: words.allFiles, extensions: ['*'] },
      ],
    }),
  });
}

async function chooseOne(window: BrowserWindow, options: OpenDialogOptions): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, options);
  return canceled ? null : (filePaths[0] ?? null);
}
