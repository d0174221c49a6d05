/** @file The whole state of the app; components get it from their context. */
import { tick } from 'svelte';
import type { MenuCommand } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import type { RunProgress } from '#core/run.ts';
import { call, dropFolders, on } from '../api.ts';
import { Language } from '../messages/index.svelte.ts';
import { writeProblem } from '../messages/write-problem.ts';
import { CatalogueState } from './catalogue.svelte.ts';
import { CategoriesState } from './categories.svelte.ts';
import { Decisions } from './decisions.svelte.ts';
import { FastState, type FastOutcome } from './fast.svelte.ts';
import { Learning } from './learn.svelte.ts';
import { followKeptFiles } from './kept-files.ts';
import { isActive, LibraryState } from './library.svelte.ts';
import { LoupeView } from './loupe-view.svelte.ts';
import { runMenuCommand } from './menu.ts';
import { ModelsState } from './models.svelte.ts';
import { Panels } from './panels.svelte.ts';
import { ReviewState } from './review.svelte.ts';
import { tellRunEnded } from './run-ended.ts';
import { SettingsState } from './settings.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

export type Screen = 'library' | 'review' | 'groups' | 'insights' | 'export' | 'models' | 'settings';
export type Sheet = 'shortcuts' | 'failures' | 'learn' | 'categories' | 'import-labels' | 'palette' | 'practice';
/** Controls that keys lead to; found by `data-field`. */
export type Field = 'search' | 'category' | 'note' | 'sort' | 'grid';

/** Predictions kept per picture: as many as there are digit keys for them. */
const topK = 5;

export class AppState {
  readonly language = new Language();
  readonly toasts = new Toasts();
  readonly settings = new SettingsState(this.language);
  readonly panels = new Panels(this.settings);
  readonly library = new LibraryState({
    onFinished: (run) => this.#onFinished(run),
    onChange: () => this.#onLibraryChange(),
  });
  readonly models = new ModelsState({
    chosenId: () => this.settings.current.modelId,
    choose: (modelId) => this.settings.set({ modelId }),
  });
  readonly fast = new FastState((outcome) => void this.#onFastMade(outcome));
  readonly catalogue = new CatalogueState(({ title }) => {
    this.toasts.show(this.language.text.models.catalogue.added(title));
    void this.models.load().catch(() => undefined);
  });
  readonly review = new ReviewState({
    dataset: () => this.library.current,
    learned: () => this.learning.version,
    onError: (thrown) => this.report(thrown),
  });
  readonly loupe = new LoupeView(this.review);
  readonly decisions = new Decisions({
    review: this.review,
    toasts: this.toasts,
    language: this.language,
    autoAdvance: () => this.settings.autoAdvance,
    multiLabel: () => this.library.current?.multiLabel ?? false,
    stepped: () => this.learning.spread.dismiss(),
    labeled: (imageId) => void this.learning.spread.decided(imageId),
    categoryName: (id) =>
      this.library.categories.find((category) => category.id === id)?.name ??
      this.review.detail?.predictions.find((prediction) => prediction.categoryId === id)?.category ??
      null,
    onError: (thrown) => this.report(thrown),
  });

  readonly learning = new Learning(this);
  readonly categories = new CategoriesState(this);

  #screen = $state<Screen>('library');
  #sheet = $state<Sheet | null>(null);
  #engine = $state<'restarting' | 'ready' | 'down'>('ready');
  /** The nudge with the keys shows once a run has ended. */
  #nudge = $state(false);
  filterOpen = $state(false);

  get screen() {
    return this.#screen;
  }
  get sheet() {
    return this.#sheet;
  }
  get engine() {
    return this.#engine;
  }

  get nudge() {
    return this.#nudge && !this.settings.nudgeSeen;
  }

  /** Load everything and follow the other processes. @returns the function that stops following */
  start(): () => void {
    const stops = [
      this.settings.follow(),
      this.panels.follow(),
      this.library.follow(),
      this.models.follow(),
      this.catalogue.follow(),
      this.fast.follow(),
      this.learning.follow(),
      followKeptFiles((fileName, problem) => {
        const { text } = this.language;
        this.toasts.error(text.profiles.problem(fileName, writeProblem(text, problem)));
      }),
      on('dataset.opened', ({ datasetId }) => void this.attempt(() => this.openDataset(datasetId))),
      on('engine.state', ({ state }) => this.#onEngine(state)),
    ];
    void this.attempt(() => this.#load());
    return () => stops.forEach((stop) => stop());
  }

  async #load(): Promise<void> {
    await this.settings.load();
    await Promise.all([this.library.refresh(), this.models.load()]);
    // Read by the bench of the app.
    requestAnimationFrame(() => performance.mark('list-shown'));
    const { layout } = this.settings.current;
    if (typeof layout['datasetId'] === 'number' && this.#screen === 'library' && this.library.datasets.length > 0) {
      const known = this.library.datasets.some(({ id }) => id === layout['datasetId']);
      if (known) this.library.open(layout['datasetId']);
    }
    if (this.library.currentId !== null) await this.review.openDataset(this.library.currentId);
  }

  show(screen: Screen): void {
    this.#screen = screen;
    if (screen === 'review') void this.focusField('grid');
  }

  openSheet(sheet: Sheet | null): void {
    this.#sheet = sheet;
  }

  /** Run `work`; what goes wrong becomes a sentence on the screen. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.report(thrown);
    }
  }

  report(thrown: unknown): void {
    const { code } = AppError.from(thrown);
    // While the engine is away its banner says so; a message per call would only repeat it.
    if (code === 'aborted' || (code === 'engine.down' && this.#engine !== 'ready')) return;
    this.toasts.error(this.language.error(code));
  }

  async chooseFolder(datasetId: number | null = null): Promise<void> {
    const chosen = await call('folders.choose', { datasetId });
    if (chosen) await this.openDataset(chosen.datasetId, datasetId !== null);
  }

  async openSamples(): Promise<void> {
    await this.openDataset((await call('samples.open', {})).datasetId);
  }

  async drop(files: File[], datasetId: number | null): Promise<void> {
    const dropped = await dropFolders(files, datasetId);
    const { toast } = this.language.text;
    if (!dropped) {
      this.toasts.show(toast.noFolder);
      return;
    }
    if (dropped.ignored.length > 0) this.toasts.show(toast.onlyFolders(dropped.ignored.length));
    await this.openDataset(dropped.datasetId, datasetId !== null);
  }

  /** Go to a dataset; label it when it is new or got new folders. */
  async openDataset(datasetId: number, grown = false): Promise<void> {
    await this.library.refresh();
    this.switchTo(datasetId);
    this.show('review');
    const dataset = this.library.current;
    const isNew = dataset && (dataset.imageCount === 0 || dataset.modelId === null);
    if ((isNew || grown) && !isActive(this.library.runOf(datasetId))) await this.startRun(datasetId);
  }

  switchTo(datasetId: number): void {
    this.library.open(datasetId);
    this.settings.setLayout('datasetId', datasetId);
    void this.review.openDataset(datasetId);
  }

  async startRun(datasetId = this.library.currentId): Promise<void> {
    if (datasetId === null) return;
    const run = this.library.runOf(datasetId);
    if (run?.state === 'paused') await call('run.resume', { datasetId });
    else {
      // Folders named at the start may be here before the settings are.
      await this.settings.loaded;
      await call('run.start', { datasetId, modelId: this.models.runId, topK });
    }
  }

  async pauseRun(datasetId = this.library.currentId): Promise<void> {
    if (datasetId !== null) await call('run.pause', { datasetId });
  }

  async cancelRun(datasetId = this.library.currentId): Promise<void> {
    if (datasetId !== null) await call('run.cancel', { datasetId });
  }

  /** Start what stands still, pause what runs. */
  async toggleRun(): Promise<void> {
    const { run } = this.library;
    if (run && isActive(run) && run.state !== 'paused') await this.pauseRun();
    else await this.startRun();
  }

  async retryFailures(datasetId = this.library.currentId): Promise<void> {
    if (datasetId === null) return;
    const { count } = await call('failures.retry', { datasetId });
    this.toasts.show(this.language.text.toast.retrying(count));
    await this.startRun(datasetId);
  }

  /** Bring the field on the screen and put the keyboard there. */
  async focusField(field: Field): Promise<void> {
    if (field === 'category' || field === 'note') this.panels.show('inspector');
    await tick();
    const element = document.querySelector<HTMLElement>(`[data-field="${field}"]`);
    element?.focus();
    if (element instanceof HTMLInputElement) element.select();
  }

  menu(command: MenuCommand, typing: boolean): void {
    // In a text field these belong to the text.
    if (typing && (command === 'undo' || command === 'redo' || command === 'select-all')) return;
    runMenuCommand(this, command);
  }

  #onLibraryChange(): void {
    const { currentId } = this.library;
    if (currentId === null) return;
    if (this.review.datasetId === currentId) this.review.refreshInPlace();
    else void this.review.openDataset(currentId);
  }

  #onFinished(run: RunProgress): void {
    if (run.state === 'finished') this.#nudge = true;
    if (run.state === 'finished' || run.state === 'failed') tellRunEnded(this, run);
  }

  async #onFastMade({ modelId, problem }: FastOutcome): Promise<void> {
    await this.models.load().catch(() => undefined);
    const text = this.language.text.models.fast;
    const model = this.models.find(modelId);
    const title = model?.title ?? modelId;
    if (problem) this.toasts.error(text.failed(title, this.language.error(problem.code)));
    else this.toasts.show(model?.fast?.inUse ? text.ready(title) : text.ended(title));
  }

  #onEngine(state: 'restarting' | 'ready' | 'down'): void {
    this.#engine = state;
    if (state !== 'ready') return;
    // Views belong to one life of the engine.
    this.library.forgetProgress();
    void this.attempt(async () => {
      await this.library.refresh();
      await this.catalogue.reload();
      await this.review.reopen(true);
    });
  }
}
