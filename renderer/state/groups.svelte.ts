/** @file Blocks of pictures that belong together: what is shown of them, and decisions about a whole block. */
import type { ReviewAction } from '#contract/calls.ts';
import type { ImageGroup } from '#contract/learn-calls.ts';
import type { GroupKind } from '#core/learn.ts';
import { call } from '../api.ts';
import type { AppState } from './app.svelte.ts';

const pageSize = 20;
const shownRows = 16;

const keyOf = (group: ImageGroup) => `${group.categoryId ?? ''} ${group.imageIds[0] ?? group.doubtfulIds[0] ?? ''}`;

export class Groups {
  #app: AppState;
  #kind = $state<GroupKind>('clusters');
  #groups = $state.raw<readonly ImageGroup[]>([]);
  #total = $state(0);
  #loaded = $state(false);
  #loading = false;
  #asked = 0;
  /** Left as they are by the person, until shown again. */
  #left = $state.raw<ReadonlySet<string>>(new Set());
  #focus = $state(0);
  #picture = $state(0);
  /** Version of what was learned that these groups come from. */
  #version = $state(0);
  /** Decisions and undo reach the engine in the order of the keys. */
  #queue: Promise<unknown> = Promise.resolve();

  readonly shown = $derived(this.#groups.filter((group) => !this.#left.has(keyOf(group))));
  readonly focused = $derived(this.shown[this.#focus]);

  constructor(app: AppState) {
    this.#app = app;
  }

  get kind() {
    return this.#kind;
  }
  get loaded() {
    return this.#loaded;
  }
  /** Groups that are there, beyond those fetched too. */
  get total() {
    return Math.max(this.#total - this.leftCount, this.shown.length);
  }
  get leftCount() {
    return this.#groups.length - this.shown.length;
  }
  get focus() {
    return this.#focus;
  }
  /** Place of the picture in the block that has the keyboard. */
  get picture() {
    return this.#picture;
  }
  /** Predictions have changed since; nothing moves until asked. */
  get stale() {
    return this.#kind === 'clusters' && this.#loaded && this.#version !== this.#app.learning.version;
  }

  /** The rows of a block in the order they are shown: sure ones, then doubtful ones. */
  rowsOf(group: ImageGroup) {
    return [...group.rows, ...group.doubtfulRows];
  }

  async open(kind: GroupKind): Promise<void> {
    this.#kind = kind;
    this.#loaded = false;
    this.#groups = [];
    this.#left = new Set();
    this.#focus = this.#picture = 0;
    await this.reload();
  }

  /** Look anew; the keyboard stays at its place. */
  async reload(): Promise<void> {
    const asked = ++this.#asked;
    this.#version = this.#app.learning.version;
    const answer = await this.#fetch(0, Math.min(50, Math.max(pageSize, this.#groups.length)));
    if (!answer || asked !== this.#asked) return;
    this.#groups = answer.groups;
    this.#total = answer.total;
    this.#loaded = true;
    this.focusAt(this.#focus);
  }

  /** Fetch on when the end comes into sight. */
  async want(to: number): Promise<void> {
    if (this.#loading || !this.#loaded || to < this.shown.length || this.#groups.length >= this.#total) return;
    this.#loading = true;
    const asked = this.#asked;
    try {
      const answer = await this.#fetch(this.#groups.length, pageSize);
      if (!answer || asked !== this.#asked) return;
      const known = new Set(this.#groups.map(keyOf));
      this.#groups = [...this.#groups, ...answer.groups.filter((group) => !known.has(keyOf(group)))];
      // None new though the end is not reached: groups moved; what is here is what there is until looked at anew.
      this.#total = answer.groups.length === 0 ? this.#groups.length : answer.total;
    } finally {
      this.#loading = false;
    }
  }

  focusAt(index: number, picture = 0): void {
    this.#focus = Math.max(0, Math.min(index, this.shown.length - 1));
    const group = this.shown[this.#focus];
    this.#picture = group ? Math.max(0, Math.min(picture, this.rowsOf(group).length - 1)) : 0;
  }

  showLeft(): void {
    this.#left = new Set();
  }

  leave(group: ImageGroup): void {
    this.#left = new Set(this.#left).add(keyOf(group));
    this.focusAt(this.#focus);
  }

  /** What one stroke would label the block as; null when nothing says. */
  proposal(group: ImageGroup): { categoryId: number | null; name: string } | null {
    if (group.category !== null) return { categoryId: group.categoryId, name: group.category };
    const label = group.rows[0]?.label;
    return label ? { categoryId: null, name: label } : null;
  }

  accept(group: ImageGroup): void {
    const proposal = this.proposal(group);
    if (!proposal || group.imageIds.length === 0) {
      this.#app.toasts.show(this.#app.language.text.groups.undecided);
      return;
    }
    const { categoryId, name } = proposal;
    this.#decide(
      group,
      group.imageIds,
      categoryId === null ? { kind: 'label-name', name } : { kind: 'label', categoryId },
    );
  }

  /** Another category for all of the block, doubtful ones left alone unless there are no others. */
  label(group: ImageGroup, name: string): void {
    this.#decide(group, group.imageIds.length > 0 ? group.imageIds : group.doubtfulIds, { kind: 'label-name', name });
  }

  undo(): void {
    const { decisions } = this.#app;
    this.#inOrder(async () => {
      await decisions.undo();
      await this.reload();
    });
  }

  /** The block leaves at once; it comes back when the engine could not store it. */
  #decide(group: ImageGroup, imageIds: number[], action: ReviewAction): void {
    const datasetId = this.#app.library.currentId;
    if (datasetId === null) return;
    const before = this.#groups;
    this.#asked++;
    this.#groups = before.filter((other) => other !== group);
    this.#total--;
    this.focusAt(this.#focus);
    this.#inOrder(async () => {
      const { language, toasts, review } = this.#app;
      try {
        const { changed, category } = await call('review.decide', { datasetId, target: { imageIds }, action });
        const text = language.text.groups.labeled(changed, category ?? '');
        toasts.show(text, { label: language.text.action.undo, run: () => this.undo() });
        review.details.expire();
        review.rows.expire();
        if (this.#groups.length === 0) await this.reload();
      } catch (thrown) {
        await this.reload();
        throw thrown;
      }
    });
  }

  async #fetch(offset: number, limit: number) {
    const datasetId = this.#app.library.currentId;
    if (datasetId === null) return null;
    try {
      return await call('groups.list', { datasetId, kind: this.#kind, offset, limit, rows: shownRows });
    } catch (thrown) {
      this.#app.report(thrown);
      return { total: 0, groups: [] };
    }
  }

  #inOrder(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(() => this.#app.attempt(work));
  }
}
