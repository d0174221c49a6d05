/** @file A program that measures: it gets one line of JSON for each question and gives one line for each answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface LineProcess extends AsyncDisposable {
  /** Questions are answered one after the other. @throws {Error} with its last words if the program ended */
  ask<Answer>(question: unknown): Promise<Answer>;
}

const lastWordsLength = 2000;

/**
 * Start a program whose first line says that it is ready: its model is loaded and warm.
 *
 * @param env  added to this process' own
 */
export async function startLineProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<LineProcess> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let lastWords = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (lastWords = (lastWords + text).slice(-lastWordsLength)));
  child.stdin.on('error', () => undefined); // the end that follows tells more
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (cause) => {
      lastWords ||= String(cause);
      resolve();
    });
  });

  async function answer<Answer>(): Promise<Answer> {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value) as Answer;
    await ended;
    throw new Error(`${command} ${args.join(' ')} ended: ${lastWords.trim()}`);
  }

  await answer();
  return {
    ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      clearTimeout(timer);
    },
  };
}
