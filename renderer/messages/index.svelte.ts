/** @file The language of the interface: chosen, else the system's. */
import { errorCodes, type ErrorCode } from '#core/errors.ts';
import type { Settings } from '#core/settings.ts';
import { en, type Messages } from './en.ts';
import { formatFor, type Format } from './format.ts';
import { zhCn } from './zh-cn.ts';

export class Language {
  #chosen = $state<Settings['language']>('system');
  #system = $state(navigator.language);

  /** BCP 47. */
  readonly locale = $derived.by(() => {
    if (this.#chosen !== 'system') return this.#chosen;
    return /^zh\b/i.test(this.#system) ? 'zh-CN' : 'en';
  });
  readonly text: Messages = $derived(this.locale === 'zh-CN' ? zhCn : en);
  readonly format: Format = $derived(formatFor(this.locale));

  choose(language: Settings['language'], systemLocale?: string): void {
    this.#chosen = language;
    if (systemLocale) this.#system = systemLocale;
  }

  /** The sentence of an error code; unknown codes get the general one. */
  error(code: string): string {
    return this.text.error[(errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'internal'];
  }
}
