/** @file Calls and events over any pair of message functions (child-process IPC here). */
import { AppError } from '#core/errors.ts';
import type { CallInput, CallName, CallOutput, EventName, Events, Handlers } from './calls.ts';
import { allCalls } from './calls.ts';
import { err, ok, unwrap, type Result } from './result.ts';

export type Message =
  | { type: 'call'; id: number; name: string; input: unknown }
  | { type: 'answer'; id: number; result: Result<unknown> }
  | { type: 'event'; name: EventName; payload: unknown }
  | { type: 'ping' }
  | { type: 'pong' };

/**
 * Parse the input of a call and run its handler. Never throws: failures are part of the answer.
 *
 * @param handlers  only names found here are served
 */
export async function serveCall<Name extends CallName>(
  handlers: Handlers<Name>,
  name: unknown,
  input: unknown,
): Promise<Result<unknown>> {
  try {
    if (typeof name !== 'string' || !Object.hasOwn(handlers, name)) {
      throw new AppError('input.invalid', `No such call: ${String(name).slice(0, 80)}`);
    }
    const known = name as Name;
    const parsed = allCalls[known].input.safeParse(input ?? {});
    if (!parsed.success) {
      throw new AppError('input.invalid', `Bad input for ${name}`, { details: { issues: parsed.error.issues } });
    }
    // The table pairs each name with its own input type; TypeScript cannot follow that through a lookup.
    return ok(await (handlers[known] as (input: unknown) => unknown)(parsed.data));
  } catch (thrown) {
    return err(thrown);
  }
}

/** The calling side of a channel. */
export interface Caller {
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
}

/** The calling side over `send`; feed it what arrives with `receive`, and `close` it when the other side is gone. */
export function connect(send: (message: Message) => void): Caller & {
  receive(message: Message): void;
  close(reason: AppError): void;
} {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let nextId = 1;
  let closed: AppError | undefined;

  return {
    call<Name extends CallName>(name: Name, input: CallInput<Name>) {
      return new Promise<CallOutput<Name>>((resolve, reject) => {
        if (closed) return reject(closed);
        const id = nextId++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        send({ type: 'call', id, name, input });
      });
    },

    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },

    receive(message) {
      if (message.type === 'event') {
        for (const listener of listeners.get(message.name) ?? [])
          (listener as (payload: unknown) => void)(message.payload);
      } else if (message.type === 'answer') {
        const request = waiting.get(message.id);
        waiting.delete(message.id);
        if (!request) return;
        try {
          request.resolve(unwrap(message.result));
        } catch (error) {
          request.reject(error);
        }
      }
    },

    close(reason) {
      closed = reason;
      for (const request of waiting.values()) request.reject(reason);
      waiting.clear();
    },
  };
}
