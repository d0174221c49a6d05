/** @file The engine's process: open the library, serve the contract over the parent's channel, end with the parent. */
import { parseArgs } from 'node:util';
import { AppError } from '#core/errors.ts';
import { serveCall, type Message } from '#contract/channel.ts';
import { err } from '#contract/result.ts';
import { openEngine, type Engine } from './engine.ts';

const { values } = parseArgs({
  options: {
    library: { type: 'string' },
    cache: { type: 'string' },
    models: { type: 'string', multiple: true },
    after: { type: 'string' },
  },
});

function send(message: Message): void {
  if (process.connected) process.send!(message, undefined, undefined, () => {});
}

function required(name: 'library' | 'cache'): string {
  const value = values[name];
  if (!value) throw new AppError('input.invalid', `--${name} is missing`);
  return value;
}

let engine: Engine | undefined;

async function stop(): Promise<void> {
  await engine?.[Symbol.asyncDispose]();
  process.exit(0);
}

process.on('disconnect', () => void stop());
process.on('SIGTERM', () => void stop());
// Ctrl-C reaches the whole process group; the host decides when the engine ends.
process.on('SIGINT', () => {});

try {
  const after = values.after;
  engine = await openEngine({
    libraryPath: required('library'),
    cachePath: required('cache'),
    modelsPaths: values.models ?? [],
    after: after === 'crash' || after === 'hang' || after === 'killed' ? after : null,
    emit: (name, payload) => send({ type: 'event', name, payload }),
    // Not exit(): that would wait for a thread that is stuck in native code. The host counts this as a crash.
    fatal: () => process.abort(),
    stop: () => void setImmediate(() => void stop()),
  });
} catch (thrown) {
  // Answer number 0: the reason for not starting.
  const result = err(thrown);
  await new Promise((resolve) => process.send?.({ type: 'answer', id: 0, result }, undefined, undefined, resolve));
  process.exit(1);
}

const { handlers } = engine;
process.on('message', (message: Message) => {
  if (message.type === 'ping') send({ type: 'pong' });
  if (message.type !== 'call') return;
  void serveCall(handlers, message.name, message.input).then((result) =>
    send({ type: 'answer', id: message.id, result }),
  );
});
