/** @file Exports under a name: presets to choose again, and files that are kept in step. */
import type { ExportOptions } from '#core/export-options.ts';
import type { ExportProfile } from '#core/export-profile.ts';
import { call, on } from '../api.ts';

/** What the person exports now. */
export interface ChosenExport {
  format: string;
  options: ExportOptions;
}

export class Profiles {
  #datasetId: number;
  #all = $state.raw<ExportProfile[]>([]);
  #onError: (thrown: unknown) => void;

  readonly presets = $derived.by(() => this.#all.filter(({ fileName }) => fileName === null));
  readonly files = $derived.by(() => this.#all.filter(({ fileName }) => fileName !== null));

  constructor(datasetId: number, onError: (thrown: unknown) => void) {
    this.#datasetId = datasetId;
    this.#onError = onError;
  }

  /** Load, and load again when something about them changed. @returns the function that stops */
  follow(): () => void {
    void this.load();
    return on('profiles.changed', ({ datasetId }) => {
      if (datasetId === null || datasetId === this.#datasetId) void this.load();
    });
  }

  load(): Promise<unknown> {
    return this.#attempt(async () => {
      this.#all = await call('profiles.list', { datasetId: this.#datasetId });
    });
  }

  /** A preset under a name; one of this name is replaced. @param everywhere  for every dataset */
  save(name: string, everywhere: boolean, chosen: ChosenExport): Promise<boolean> {
    const datasetId = everywhere ? null : this.#datasetId;
    // A file that is kept in step has a name of ours, which is not the person's to replace.
    const taken = this.files.map(({ name }) => name);
    return this.#attempt(() =>
      call('profiles.save', { datasetId, name: freeName(name.trim(), everywhere ? [] : taken), ...chosen }),
    );
  }

  /** Ask for a file, and keep it in step. */
  keepFile(title: string, chosen: ChosenExport): Promise<boolean> {
    const datasetId = this.#datasetId;
    const taken = this.#all.map(({ name }) => name);
    return this.#attempt(() => call('profiles.choose-file', { datasetId, name: freeName(title, taken), ...chosen }));
  }

  keep(profileId: number, on: boolean): Promise<boolean> {
    return this.#attempt(() => call('profiles.keep', { profileId, on }));
  }

  remove(profileId: number): Promise<boolean> {
    return this.#attempt(() => call('profiles.remove', { profileId }));
  }

  /** @returns whether it was done */
  async #attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      return (await work()) !== null;
    } catch (thrown) {
      this.#onError(thrown);
      return false;
    }
  }
}

/** The name itself, or with the first number that makes it one of its own. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let number = 2; taken.includes(free); number++) free = `${name} ${number}`;
  return free;
}
