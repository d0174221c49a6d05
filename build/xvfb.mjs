/** @file A screen for the tests: an X server that draws into memory. */
import { spawn } from 'node:child_process';
import { Stop } from './repository.mjs';

/**
 * Start Xvfb on a display number that nobody uses.
 *
 * @returns {Promise<{ display: string, stop: () => Promise<void> }>} `display` for the variable DISPLAY, e.g. ':3'
 * @throws {Stop} when it does not come up within 20 s
 */
export function startXvfb() {
  // -displayfd: the server picks the number itself and writes it there once it is ready, so there is no race.
  const args = ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => server.once('close', resolve));
  const stop = async () => {
    server.kill('SIGTERM');
    await gone;
  };

  return new Promise((resolve, reject) => {
    let errors = '';
    const fail = (/** @type {string} */ why) => {
      server.kill('SIGKILL');
      reject(new Stop(`Xvfb did not start (${why}). ${errors}`));
    };
    const timer = setTimeout(() => fail('nothing heard for 20 s'), 20_000);
    server.once('error', (error) => fail(error.message));
    server.once('exit', (code) => fail(`exit code ${code}`));
    server.stderr?.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-2000)));
    server.stdio[3]?.once('data', (chunk) => {
      clearTimeout(timer);
      server.removeAllListeners('exit');
      resolve({ display: `:${String(chunk).trim()}`, stop });
    });
  });
}
