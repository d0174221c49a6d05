/** @file Which side panels show: in a wide window as the person set it, in a narrow one at most one, for the time being. */
import type { SettingsState } from './settings.svelte.ts';

export type Panel = 'sidebar' | 'inspector';

/** Pixels of the page, which zoom makes fewer. Both panels take 560 of them, and two columns of pictures 340. */
const oneQuery = window.matchMedia('(max-width: 899px)');
/** Here even one panel is too much to begin with; a rail of icons stands for the sidebar. */
const railQuery = window.matchMedia('(max-width: 699px)');

export class Panels {
  #settings: SettingsState;
  #one = $state(oneQuery.matches);
  #rail = $state(railQuery.matches);
  /** Of a narrow window; undefined: nothing was chosen since it became narrow. */
  #chosen = $state<Panel | null>();

  readonly #open: Panel | null = $derived.by(() => {
    if (this.#chosen !== undefined) return this.#chosen;
    return !this.#rail && this.#settings.sidebar ? 'sidebar' : null;
  });
  readonly sidebar = $derived.by(() => (this.#one ? this.#open === 'sidebar' : this.#settings.sidebar));
  readonly inspector = $derived.by(() => (this.#one ? this.#open === 'inspector' : this.#settings.inspector));

  constructor(settings: SettingsState) {
    this.#settings = settings;
  }

  /** The window is so narrow that the sidebar is a rail unless it is opened. */
  get hasRail() {
    return this.#rail;
  }

  /** @returns the function that stops following the width of the window */
  follow(): () => void {
    const onChange = () => {
      this.#one = oneQuery.matches;
      this.#rail = railQuery.matches;
      this.#chosen = undefined;
    };
    for (const query of [oneQuery, railQuery]) query.addEventListener('change', onChange);
    return () => {
      for (const query of [oneQuery, railQuery]) query.removeEventListener('change', onChange);
    };
  }

  toggle(panel: Panel): void {
    this.show(panel, !this[panel]);
  }

  show(panel: Panel, shown = true): void {
    if (!this.#one) this.#settings.setLayout(panel, shown);
    else if (shown) this.#chosen = panel;
    else if (this[panel]) this.#chosen = panel === 'sidebar' ? null : undefined;
  }

  /** Of a narrow window. @returns whether there was something to close */
  close(): boolean {
    if (!this.#one || this.#open === null) return false;
    this.#chosen = undefined;
    return true;
  }
}
