/** @file Changing the categories of the open dataset: names, tree, keys, merges, rules; and the words they are found by. */
import type { CallInput, DecisionResult } from '#contract/calls.ts';
import type { Category, CategoryPatch, ReviewRule } from '#core/category.ts';
import { AppError } from '#core/errors.ts';
import { call } from '../api.ts';
import type { AppState } from './app.svelte.ts';
import { isWithin } from './category-search.ts';

/** What the last change did, or why it could not be made. */
export interface CategoryMessage {
  text: string;
  bad: boolean;
  canUndo: boolean;
}

const isChinese = (text: string) => /\p{Script=Han}/u.test(text);

export class CategoriesState {
  #app: AppState;
  #words = $state.raw<ReadonlyMap<number, readonly string[]>>(new Map());
  /** Dataset and number of categories that `#words` are of. */
  #wantedWords = '';
  #chosen = $state.raw<ReadonlySet<number>>(new Set());
  #message = $state.raw<CategoryMessage | null>(null);

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Other words a category is found by. */
  get words() {
    return this.#words;
  }

  get message() {
    return this.#message;
  }

  /** Those to merge or to split; ones that are gone by now left out. */
  readonly chosen = $derived.by((): Category[] =>
    this.#app.library.categories.filter(({ id }) => this.#chosen.has(id)),
  );

  get #text() {
    return this.#app.language.text;
  }

  /** Ask for the words of a dataset's categories, unless those of as many categories are there. */
  async wantWords(datasetId: number, categoryCount: number): Promise<void> {
    const wanted = `${datasetId} ${categoryCount}`;
    if (wanted === this.#wantedWords) return;
    this.#wantedWords = wanted;
    try {
      const words = await call('categories.words', { datasetId });
      if (datasetId !== this.#app.library.currentId) return;
      this.#words = new Map(words.map(({ categoryId, words }) => [categoryId, words]));
    } catch {
      // Names alone find them meanwhile.
      this.#wantedWords = '';
    }
  }

  /** What the language of the app calls a category that is named in English; null if it is no other word. */
  translation(category: Pick<Category, 'id' | 'name'> | undefined): string | null {
    if (!category || this.#app.language.locale !== 'zh-CN' || isChinese(category.name)) return null;
    return this.#words.get(category.id)?.find(isChinese) ?? null;
  }

  begin(): void {
    this.#chosen = new Set();
    this.#message = null;
  }

  isChosen(categoryId: number): boolean {
    return this.#chosen.has(categoryId);
  }

  choose(categoryId: number, on: boolean): void {
    const chosen = new Set(this.#chosen);
    if (on) chosen.add(categoryId);
    else chosen.delete(categoryId);
    this.#chosen = chosen;
  }

  chooseNone(): void {
    this.#chosen = new Set();
  }

  named(name: string): Category | undefined {
    const wanted = name.trim().toLocaleLowerCase();
    const all = this.#app.library.categories;
    return all.find((one) => one.name === name.trim()) ?? all.find((one) => one.name.toLocaleLowerCase() === wanted);
  }

  /** Say why it does not go. @returns false */
  refuse(text: string): false {
    this.#message = { text, bad: true, canUndo: false };
    return false;
  }

  create(name: string): Promise<boolean> {
    return this.#do(async (datasetId) => {
      await call('categories.create', { datasetId, name: name.trim(), parentId: null });
      return this.#text.toast['category-made'](name.trim());
    });
  }

  rename(category: Category, name: string): Promise<boolean> | false {
    const other = this.#app.library.categories.find((one) => one.name === name && one.id !== category.id);
    if (other) return this.refuse(this.#text.categories.nameTaken(name));
    return this.change(category, { name });
  }

  /** @param name  of the parent, made if there is none yet; empty for none */
  async setParent(category: Category, name: string): Promise<boolean> {
    const parent = this.named(name);
    const { categories } = this.#app.library;
    if (parent && isWithin(categories, parent.id, category.id)) {
      return this.refuse(this.#text.categories.circle(parent.name));
    }
    return this.#do(async (datasetId) => {
      let parentId = parent?.id ?? null;
      if (name.trim() !== '' && parentId === null) {
        const made = await call('categories.create', { datasetId, name: name.trim(), parentId: null });
        parentId = made.categoryId;
      }
      return this.#changed(
        await call('categories.change', { datasetId, categoryId: category.id, patch: { parentId } }),
        category.name,
      );
    });
  }

  change(category: Category, patch: CategoryPatch): Promise<boolean> {
    return this.#do(async (datasetId) =>
      this.#changed(
        await call('categories.change', { datasetId, categoryId: category.id, patch }),
        patch.name ?? category.name,
      ),
    );
  }

  merge(intoId: number): Promise<boolean> | false {
    const fromIds = this.chosen.map(({ id }) => id).filter((id) => id !== intoId);
    const into = this.#app.library.categories.find(({ id }) => id === intoId);
    if (!into || fromIds.length === 0) return this.refuse(this.#text.categories.sameCategory);
    return this.#do(async (datasetId) => {
      await call('categories.merge', { datasetId, fromIds, intoId });
      this.chooseNone();
      return this.#text.toast['category-merged'](into.name);
    });
  }

  configure(patch: Omit<CallInput<'datasets.configure'>, 'datasetId'>): Promise<boolean> {
    return this.#do(async (datasetId) => {
      await call('datasets.configure', { datasetId, ...patch });
      return null;
    });
  }

  saveRules(rules: ReviewRule[]): Promise<boolean> {
    return this.configure({ rules });
  }

  /** Pictures the saved rules speak of. */
  async previewRules(): Promise<number | null> {
    const datasetId = this.#app.library.currentId;
    if (datasetId === null) return null;
    try {
      return (await call('rules.preview', { datasetId })).changed;
    } catch {
      return null;
    }
  }

  applyRules(): Promise<boolean> {
    return this.#do(async (datasetId) => {
      const { changed } = await call('rules.apply', { datasetId });
      return changed === 0 ? this.#text.toast.nothingToChange : this.#text.toast.rules(changed);
    });
  }

  async undo(): Promise<void> {
    await this.#app.decisions.undo();
    await this.#app.library.refresh();
    this.#message = { text: this.#text.toast.undone(0), bad: false, canUndo: false };
  }

  #changed({ changed, kind }: DecisionResult, name: string): string {
    const { toast } = this.#text;
    return kind === null && changed === 0 ? toast.nothingToChange : toast['category-changed'](name);
  }

  /** Make a change and show what came of it. @returns whether it was made */
  async #do(work: (datasetId: number) => Promise<string | null>): Promise<boolean> {
    const { library, review, language } = this.#app;
    const datasetId = library.currentId;
    if (datasetId === null) return false;
    try {
      const text = await work(datasetId);
      this.#message = text === null ? null : { text, bad: false, canUndo: text !== this.#text.toast.nothingToChange };
      return true;
    } catch (thrown) {
      return this.refuse(language.error(AppError.from(thrown).code));
    } finally {
      review.details.expire();
      review.rows.expire();
      review.details.prefetch(review.focused?.id);
      await library.refresh().catch(() => undefined);
    }
  }
}
