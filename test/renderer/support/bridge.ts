/** @file The other processes as the page sees them, played by a test: it answers calls and sends events. */
import { AppError } from '#core/errors.ts';
import type { CallInput, CallOutput, EventName, Events, RendererCallName } from '#contract/calls.ts';
import { err, ok } from '#contract/result.ts';
import type {} from '../../../renderer/api.ts';

type Answers = {
  [Name in RendererCallName]?: (input: CallInput<Name>) => CallOutput<Name> | Promise<CallOutput<Name>>;
};

export interface FakeBridge {
  /** Calls so far, in order. */
  calls: { name: string; input: unknown }[];
  /** What is answered; a call that is not here fails the test that made it. */
  answers: Answers;
  emit<Name extends EventName>(name: Name, payload: Events[Name]): void;
  called(name: RendererCallName): unknown[];
}

/** Stand in for the preload script. Each test makes its own. */
export function fakeBridge(answers: Answers = {}): FakeBridge {
  const listeners = new Map<string, Set<(payload: string) => void>>();
  const bridge: FakeBridge = {
    calls: [],
    answers,
    emit: (name, payload) => listeners.get(name)?.forEach((listener) => listener(JSON.stringify(payload))),
    called: (name) => bridge.calls.filter((call) => call.name === name).map(({ input }) => input),
  };
  (globalThis as { window?: unknown }).window = {
    labelwright: {
      async call(name: string, input: unknown) {
        bridge.calls.push({ name, input });
        const answer = bridge.answers[name as RendererCallName] as ((input: unknown) => unknown) | undefined;
        if (!answer) return err(new AppError('internal', `The test answers no ${name}`));
        try {
          return ok(JSON.stringify(await answer(input)));
        } catch (thrown) {
          return err(thrown);
        }
      },
      on(name: string, listener: (payload: string) => void) {
        const set = listeners.get(name) ?? new Set();
        listeners.set(name, set.add(listener));
        return () => void set.delete(listener);
      },
    },
  };
  return bridge;
}
