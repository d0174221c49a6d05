/** @file Where the app finds its parts and keeps its files: in the repository, and in a package. */
import { join } from 'node:path';

export interface AppPaths {
  /** Runs the engine. */
  node: string;
  engineEntry: string;
  preload: string;
  /** The page's files. */
  renderer: string;
  samples: string;
  bundledModels: string;
  /** For models people bring. */
  ownModels: string;
  library: string;
  cache: string;
  settings: string;
  windowState: string;
  log: string;
}

interface Places {
  isPackaged: boolean;
  appPath: string;
  resourcesPath: string;
  userData: string;
  platform: NodeJS.Platform;
}

export function appPaths({ isPackaged, appPath, resourcesPath, userData, platform }: Places): AppPaths {
  const nodeName = platform === 'win32' ? 'node.exe' : 'node';
  const parts = isPackaged
    ? {
        node: join(resourcesPath, 'engine', nodeName),
        engineEntry: join(resourcesPath, 'engine', 'index.mjs'),
        samples: join(resourcesPath, 'samples'),
        bundledModels: join(resourcesPath, 'models'),
      }
    : {
        node: join(appPath, 'node_modules', 'node', 'bin', nodeName),
        engineEntry: join(appPath, 'out', 'engine', 'index.mjs'),
        samples: join(appPath, 'test', 'fixtures', 'photos'),
        bundledModels: join(appPath, 'models'),
      };
  return {
    ...parts,
    preload: join(appPath, 'out', 'preload', 'index.cjs'),
    renderer: join(appPath, 'out', 'renderer'),
    ownModels: join(userData, 'models'),
    library: join(userData, 'library.labelwright'),
    cache: join(userData, 'cache'),
    settings: join(userData, 'settings.json'),
    windowState: join(userData, 'window.json'),
    log: join(userData, 'logs', 'main.log'),
  };
}
