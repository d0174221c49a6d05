/** @file What a person has set, and the layout the app remembers. */
import type { AppInfo, CallInput } from '#contract/calls.ts';
import { defaultSettings, type Settings } from '#core/settings.ts';
import { call, on } from '../api.ts';
import type { Language } from '../messages/index.svelte.ts';
import { advanceModeOf } from './advance.ts';
import { throttle } from './throttle.ts';

export const thumbnailSizes = { min: 96, max: 320, usual: 176 };

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

export class SettingsState {
  #language: Language;
  #settings = $state.raw<Settings>(defaultSettings);
  #info = $state.raw<AppInfo | null>(null);
  #systemIsDark = $state(darkQuery.matches);
  #unsaved: Settings['layout'] = {};
  #onLoaded = Promise.withResolvers<void>();
  #saveLayout = throttle(() => {
    const layout = this.#unsaved;
    this.#unsaved = {};
    // Losing a panel width is not worth a message.
    call('settings.set', { layout }).catch(() => undefined);
  }, 400);

  readonly theme = $derived.by(() => {
    if (this.#settings.theme !== 'system') return this.#settings.theme;
    return this.#systemIsDark ? 'dark' : 'light';
  });
  readonly sidebar = $derived(this.#settings.layout['sidebar'] !== false);
  readonly inspector = $derived(this.#settings.layout['inspector'] !== false);
  readonly autoAdvance = $derived(advanceModeOf(this.#settings.layout['autoAdvance']));
  readonly nudgeSeen = $derived(this.#settings.layout['nudgeSeen'] === true);
  readonly fit: 'cover' | 'contain' = $derived(this.#settings.layout['fit'] === 'contain' ? 'contain' : 'cover');
  readonly thumbnailSize = $derived.by(() => {
    const size = this.#settings.layout['thumbnailSize'];
    if (typeof size !== 'number') return thumbnailSizes.usual;
    return Math.max(thumbnailSizes.min, Math.min(thumbnailSizes.max, size));
  });

  constructor(language: Language) {
    this.#language = language;
  }

  get current() {
    return this.#settings;
  }

  get info() {
    return this.#info;
  }

  /** Resolves when what was set is known. */
  get loaded(): Promise<void> {
    return this.#onLoaded.promise;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    const onScheme = () => (this.#systemIsDark = darkQuery.matches);
    darkQuery.addEventListener('change', onScheme);
    const stop = on('settings.changed', (settings) => this.#take(settings));
    return () => {
      darkQuery.removeEventListener('change', onScheme);
      stop();
    };
  }

  async load(): Promise<void> {
    this.#take(await call('settings.get', {}));
    this.#onLoaded.resolve();
    await this.loadInfo();
  }

  async loadInfo(): Promise<void> {
    this.#info = await call('app.info', {});
    this.#language.choose(this.#settings.language, this.#info.locale);
  }

  async set(patch: Omit<CallInput<'settings.set'>, 'layout'>): Promise<void> {
    this.#take(await call('settings.set', patch));
  }

  setLayout(name: string, value: string | number | boolean | null): void {
    this.#unsaved[name] = value;
    this.#settings = { ...this.#settings, layout: { ...this.#settings.layout, [name]: value } };
    this.#saveLayout();
  }

  #take(settings: Settings): void {
    // What is still on its way to the file must not jump back.
    this.#settings = { ...settings, layout: { ...settings.layout, ...this.#unsaved } };
    this.#language.choose(settings.language);
  }
}
