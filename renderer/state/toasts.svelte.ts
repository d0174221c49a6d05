/** @file Short messages about what just happened. */

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
  action: { label: string; run: () => void } | null;
}

const lifetimeMs = 6000;
const errorLifetimeMs = 12_000;

export class Toasts {
  #items = $state.raw<Toast[]>([]);
  /** Read out by screen readers, shown nowhere. */
  #announcement = $state('');
  #nextId = 1;

  get items() {
    return this.#items;
  }

  get announcement() {
    return this.#announcement;
  }

  announce(text: string): void {
    this.#announcement = text;
  }

  show(text: string, action: Toast['action'] = null, kind: Toast['kind'] = 'info'): void {
    const id = this.#nextId++;
    // The newest says what counts, and an 'Undo' of an older one would undo something else by now.
    const others = this.#items.filter((item) => item.kind === 'error' && item.text !== text).slice(-1);
    this.#items = [...others, { id, text, kind, action }];
    setTimeout(() => this.dismiss(id), kind === 'error' ? errorLifetimeMs : lifetimeMs);
  }

  error(text: string): void {
    this.show(text, null, 'error');
  }

  dismiss(id: number): void {
    this.#items = this.#items.filter((item) => item.id !== id);
  }
}
