/** @file The calls that main serves itself: everything that shows a dialog, a folder, or a setting. */
import { app, shell } from 'electron';
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { defaultImportOptions } from '#core/label-import.ts';
import type { AppCallName, Handlers } from '#contract/calls.ts';
import type { AppPaths } from './app-paths.ts';
import { chooseExportFile, chooseFolders, chooseLabels, chooseLabeled, chooseModel } from './dialogs.ts';
import type { EngineLink } from './engine-link.ts';
import { fileNameOf } from './file-name.ts';
import type { Messages } from './messages.ts';
import { plotFile } from './plot-file.ts';
import { saveFile } from './save-file.ts';
import type { SettingsFile } from './settings.ts';
import type { AppWindow } from './window.ts';

export interface AppServices {
  paths: AppPaths;
  settings: SettingsFile;
  engine: EngineLink;
  /** @throws {AppError} 'aborted' when the window has gone */
  window(): AppWindow;
  words(): Messages;
  /** Of the system, e.g. 'zh-CN'. */
  locale(): string;
  /** After a change, before the answer. */
  onSettings(): void;
}

export function appHandlers(services: AppServices): Handlers<AppCallName> {
  const { paths, settings, engine } = services;
  let lastExport: string | undefined;

  /** @param extension  without the dot, empty for a folder; of 'coco.json' the last part decides what the dialog shows */
  function chooseFile(name: string, extension: string, title: string): Promise<string | null> {
    const folder = lastExport ? dirname(lastExport) : app.getPath('documents');
    const proposal = join(folder, fileNameOf(name, extension));
    return chooseExportFile(services.window().frame, title, proposal, extension.split('.').at(-1)!);
  }

  async function chooseExport(datasetId: number, format: string): Promise<string | null> {
    const [datasets, formats] = await Promise.all([engine.call('datasets.list', {}), engine.call('formats.list', {})]);
    const dataset = datasets.find(({ id }) => id === datasetId);
    const chosen = formats.find(({ id }) => id === format);
    if (!dataset || !chosen) throw new AppError('not-found', 'No such dataset or format');

    const title = services.words().saveExport;
    if (chosen.target === 'folder') return chooseFile(`${dataset.name} ${format}`, '', title);
    return chooseFile(dataset.name, exportExtension(format, chosen.extension), title);
  }

  return {
    'app.info': () => ({
      version: app.getVersion(),
      electron: process.versions['electron'] ?? '',
      platform: process.platform,
      locale: services.locale(),
      libraryPath: paths.library,
      librarySizeBytes: fileSize(paths.library),
      modelsPath: paths.ownModels,
      cpuCount: availableParallelism(),
    }),

    'settings.get': () => settings.current,

    'settings.set': (patch) => {
      settings.change(patch);
      services.onSettings();
      return settings.current;
    },

    'folders.choose': async ({ datasetId }) => {
      const folders = await chooseFolders(services.window().frame, services.words());
      return folders && openFolders(engine, folders, datasetId);
    },

    'samples.open': async () => {
      const { datasetId } = await engine.call('datasets.open', {
        folders: [paths.samples],
        name: services.words().samples,
      });
      return { datasetId };
    },

    'export.save': async ({ datasetId, format, options }) => {
      // Written beside or inside the photos, there is no place to ask for.
      const target = (await engine.call('formats.list', {})).find(({ id }) => id === format)?.target;
      const path = target === 'photos' ? format : await chooseExport(datasetId, format);
      if (path === null) return null;

      const written = await engine.call('export.write', { datasetId, format, options, path });
      if (target !== 'photos') lastExport = written.path;
      const { rowCount, sizeBytes, leftOut } = written;
      return { fileName: basename(written.path), rowCount, sizeBytes, leftOut };
    },

    'profiles.choose-file': async ({ datasetId, name, format, options }) => {
      const path = await chooseExport(datasetId, format);
      if (path === null) return null;
      const { profileId } = await engine.call('profiles.keep-file', { datasetId, name, format, options, path });
      return { profileId, fileName: basename(path) };
    },

    'labels.choose': async ({ datasetId, target }) => {
      const path = await chooseLabeled(services.window().frame, services.words(), target);
      return path === null ? null : engine.call('labels.open', { datasetId, path, options: defaultImportOptions });
    },

    'export.reveal': () => {
      if (lastExport === undefined) throw new AppError('not-found', 'Nothing has been exported yet');
      shell.showItemInFolder(lastExport);
    },

    'image.reveal': async ({ imageId }) => {
      const { path } = await engine.call('image.path', { imageId });
      shell.showItemInFolder(path);
    },

    'library.reveal': () => shell.showItemInFolder(paths.library),

    'learn.save': async ({ datasetId, form }) => {
      const dataset = (await engine.call('datasets.list', {})).find(({ id }) => id === datasetId);
      if (!dataset) throw new AppError('not-found', 'No such dataset');
      const path = await chooseFile(dataset.name, form === 'json' ? 'head.json' : form, services.words().saveModel);
      if (path === null) return null;

      const written = await engine.call('learn.export', { datasetId, form, path });
      lastExport = written.path;
      return { fileName: basename(written.path), sizeBytes: written.sizeBytes };
    },

    'plot.save': async ({ name, form, content }) => {
      const bytes = plotFile(form, content);
      const path = await chooseFile(name, form, services.words().savePlot);
      if (path === null) return null;

      await saveFile(path, bytes);
      lastExport = path;
      return { fileName: basename(path) };
    },

    'models.reveal': async () => {
      // A folder of our own making, so opening it starts no program of anybody's choice.
      await shell.openPath(paths.ownModels);
    },

    'models.choose': async ({ kind }) => {
      const path = await chooseModel(services.window().frame, services.words(), kind);
      return path === null ? null : engine.call('models.inspect', { path });
    },

    'models.choose-labels': async ({ importId }) => {
      const path = await chooseLabels(services.window().frame, services.words());
      return path === null ? null : engine.call('models.import-labels', { importId, path });
    },
  };
}

/** A dataset of these folders, or these folders added to one. */
export async function openFolders(
  engine: EngineLink,
  folders: string[],
  datasetId: number | null,
): Promise<{ datasetId: number }> {
  if (datasetId === null) return { datasetId: (await engine.call('datasets.open', { folders })).datasetId };
  await engine.call('sources.add', { datasetId, folders });
  return { datasetId };
}

/** Tell folders from everything else: links to folders are folders. */
export async function splitFolders(paths: readonly string[]): Promise<{ folders: string[]; others: string[] }> {
  const kinds = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      ),
    ),
  );
  return { folders: paths.filter((_, index) => kinds[index]), others: paths.filter((_, index) => !kinds[index]) };
}

/** 'cats.coco.json' says what 'cats.json' does not. */
function exportExtension(format: string, extension: string): string {
  return extension === 'json' || extension === 'xml' ? `${format}.${extension}` : extension;
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
