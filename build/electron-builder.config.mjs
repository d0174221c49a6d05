/**
 * @file How electron-builder packs the app.
 *
 * The archive of the app holds bundled code only. What runs outside Electron (engine, Node, command line) and what
 * people may look into or add to (models, sample photos) lies beside it under `resources/`.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './repository.mjs';

/** Where build/dist.mjs lays out what goes under `resources/`. */
export const staging = inRoot('out/resources');

/** What a package that people run may do, and no more. The order of the names is electron-builder's. */
export const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};

/**
 * @param {{ dist: string, version: string }} electron the runtime to pack
 * @param {string} platform as `process.platform`
 * @returns {import('electron-builder').Configuration}
 */
export function configuration(electron, platform) {
  return {
    appId: 'org.labelwright.app',
    productName: 'Labelwright',
    copyright: 'MIT licence',
    directories: { output: 'dist', buildResources: 'build' },
    electronDist: electron.dist,
    electronVersion: electron.version,
    // The native packages belong to the engine's Node; nothing is compiled for Electron.
    npmRebuild: false,
    files: ['out/main/**', 'out/preload/**', 'out/renderer/**', 'package.json', '!**/*.map', '!node_modules/**'],
    extraResources: [
      { from: path.join(staging, 'engine'), to: 'engine' },
      // A folder of this name is left out unless it is named itself.
      { from: path.join(staging, 'engine/node_modules'), to: 'engine/node_modules' },
      { from: path.join(staging, 'cli'), to: 'cli' },
      { from: inRoot('models'), to: 'models' },
      { from: inRoot('test/fixtures/photos'), to: 'samples' },
    ],
    // Electron checks the hash of the archive on macOS and Windows only.
    electronFuses: { ...fuses, enableEmbeddedAsarIntegrityValidation: platform !== 'linux' },
    afterPack: ({ appOutDir }) => {
      rmSync(path.join(appOutDir, 'resources/default_app.asar'), { force: true });
      return Promise.resolve();
    },
    electronLanguages: ['en-US', 'zh-CN'],
    publish: null,
    linux: {
      target: ['dir'],
      executableName: 'labelwright',
      category: 'Graphics',
      icon: 'build/icon.png',
      synopsis: 'Label folders of photos on your own machine',
    },
    win: { target: ['nsis'], icon: 'build/icon.png' },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
    },
    mac: {
      target: ['dmg'],
      icon: 'build/icon.png',
      category: 'public.app-category.photography',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: 'build/entitlements.mac.plist',
      entitlementsInherit: 'build/entitlements.mac.plist',
      darkModeSupport: true,
    },
    dmg: { title: '${productName} ${version}' },
  };
}
