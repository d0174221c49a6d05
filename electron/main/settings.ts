/** @file What a person has set, in `settings.json`. */
import { defaultSettings, type Settings } from '#core/settings.ts';
import { settingsPatchSchema, type CallInput } from '#contract/calls.ts';
import { putAside, readJsonFile, writeJsonFile } from './json-file.ts';

export type SettingsPatch = CallInput<'settings.set'>;

export class SettingsFile {
  readonly #path: string;
  #settings: Settings;

  /** Entries that make no sense fall back to their default; a file damaged as a whole is put aside. */
  constructor(path: string) {
    this.#path = path;
    this.#settings = merge(defaultSettings, readPatch(path));
  }

  get current(): Settings {
    return this.#settings;
  }

  /** Merge and save. A disk that cannot take it leaves the change in force until the app ends. */
  change(patch: SettingsPatch): Settings {
    this.#settings = merge(this.#settings, patch);
    try {
      writeJsonFile(this.#path, this.#settings);
    } catch {
      // The next change tries again.
    }
    return this.#settings;
  }
}

function merge(settings: Settings, patch: SettingsPatch): Settings {
  // Of the patch only what is there: an explicit undefined must not erase a setting.
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...settings, ...given, layout: { ...settings.layout, ...patch.layout } };
}

function readPatch(path: string): SettingsPatch {
  const stored = readJsonFile(path);
  if (stored === undefined) return {};
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
    putAside(path);
    return {};
  }
  const known = Object.entries(settingsPatchSchema.shape).flatMap(([key, schema]) => {
    if (!Object.hasOwn(stored, key)) return [];
    const parsed = schema.safeParse((stored as Record<string, unknown>)[key]);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  return Object.fromEntries(known);
}
