/** @file Exports under a name: presets to choose again, and files that are kept in step. */
import type { ExportOptions } from '#core/export-options.ts';
import type { ExportProfile } from '#core/export-profile.ts';
import { call, on } from '../api.ts';

/** What the person exports now. */
interface ChosenExport {
  format: string;
  options: ExportOptions;
}

export class Profiles {
  #datasetId: number | null = null;
  #all = $state.raw<ExportProfile[]>([]);
  #onError: (thrown: unknown) => void;

  readonly presets = $derived.by(() => this.#all.filter(({ fileName }) => fileName === null));
  readonly files = $derived.by(() => this.#all.filter(({ fileName }) => fileName !== null));

  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  /** Those of a dataset, again when something about them changed. @returns the function that stops */
  follow(datasetId: number): () => void {
    this.#datasetId = datasetId;
    this.#all = [];
    void this.#load(datasetId);
    return on('profiles.changed', (changed) => {
      if (changed.datasetId === null || changed.datasetId === datasetId) void this.#load(datasetId);
    });
  }

  #load(datasetId: number): Promise<boolean> {
    return this.#attempt(async () => {
      const all = await call('profiles.list', { datasetId });
      if (datasetId === this.#datasetId) this.#all = all;
    });
  }

  /** A preset under a name; one of this name is replaced. @param everywhere  for every dataset */
  save(name: string, everywhere: boolean, chosen: ChosenExport): Promise<boolean> {
    const datasetId = everywhere ? null : this.#datasetId;
    if (this.#datasetId === null) return Promise.resolve(false);
    // A file that is kept in step has a name of ours, which is not the person's to replace.
    const taken = this.files.map(({ name }) => name);
    return this.#attempt(() =>
      call('profiles.save', { datasetId, name: freeName(name.trim(), everywhere ? [] : taken), ...chosen }),
    );
  }

  /** Ask for a file, and keep it in step. */
  keepFile(title: string, chosen: ChosenExport): Promise<boolean> {
    const datasetId = this.#datasetId;
    if (datasetId === null) return Promise.resolve(false);
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
