/** @file Main's side of the engine: started at once, asked when it is there, its events passed on. */
import type { CallInput, CallOutput, EngineCallName, EventName, Events } from '#contract/calls.ts';
import { openEngine, type EngineOptions, type EngineProcess } from '#host';
import { AppError } from '#core/errors.ts';

/** What main tells by itself. */
type OwnEvent = 'menu.command' | 'settings.changed' | 'dataset.opened';

/** Every event of the engine; one that is forgotten here does not compile. */
const forwarded = Object.keys({
  'scan.progress': true,
  'run.progress': true,
  'datasets.changed': true,
  'export.progress': true,
  'import.progress': true,
  'labels.progress': true,
  'profiles.changed': true,
  'download.progress': true,
  'optimize.progress': true,
  'learn.changed': true,
  'models.changed': true,
  'engine.state': true,
} satisfies Record<Exclude<EventName, OwnEvent>, true>) as Exclude<EventName, OwnEvent>[];

export interface EngineLinkOptions extends Omit<EngineOptions, 'signal'> {
  /** Asked for again each time the engine is back. */
  configuration(): CallInput<'engine.configure'>;
  onEvent<Name extends EventName>(name: Name, payload: Events[Name]): void;
}

export class EngineLink implements AsyncDisposable {
  readonly #options: EngineLinkOptions;
  readonly #engine: Promise<EngineProcess>;
  readonly #starting = new AbortController();

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    this.#engine = openEngine({ ...options, signal: this.#starting.signal });
    this.#engine.then(
      (engine) => {
        for (const name of forwarded) engine.on(name, (payload) => options.onEvent(name, payload));
        engine.on('engine.state', ({ state }) => void (state === 'ready' && this.configure()));
        this.configure();
      },
      (thrown: unknown) => {
        options.onEvent('engine.state', { state: 'down', message: AppError.from(thrown).message });
      },
    );
  }

  /** Waits for the engine to be there. @throws {AppError} its own, or why it is not there */
  async call<Name extends EngineCallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
    return (await this.#engine).call(name, input);
  }

  /** Tell it the settings in force. */
  configure(): void {
    this.call('engine.configure', this.#options.configuration()).catch(() => undefined); // it is told again when back
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#starting.abort();
    // One that never came up has nothing to close.
    const engine = await this.#engine.catch(() => undefined);
    await engine?.[Symbol.asyncDispose]();
  }
}
