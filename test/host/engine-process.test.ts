import { mkdtempSync, writeFileSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Events } from '#contract/calls.ts';
import { openEngine, type EngineOptions, type EngineProcess } from '#host';

const entry = fileURLToPath(new URL('fixtures/fake-engine.mjs', import.meta.url));

function options(libraryName = 'library', extra: Partial<EngineOptions> = {}): EngineOptions {
  const folder = mkdtempSync(join(tmpdir(), 'host-test-'));
  return {
    nodePath: process.execPath,
    entry,
    libraryPath: join(folder, libraryName),
    cachePath: join(folder, 'cache'),
    modelsPaths: ['/models/a', '/models/b'],
    ...extra,
  };
}

/** Orders to the fake engine are names of a dataset. */
const order = (engine: EngineProcess, name: string) => engine.call('datasets.rename', { datasetId: 1, name });

async function facts(engine: EngineProcess) {
  const { engineVersion } = await engine.call('engine.info', {});
  return JSON.parse(engineVersion) as { argv: string[]; cwd: string; env: Record<string, string> };
}

function nextState(engine: EngineProcess, state: Events['engine.state']['state']): Promise<Events['engine.state']> {
  return new Promise((resolve) => {
    const stop = engine.on('engine.state', (event) => {
      if (event.state !== state) return;
      stop();
      resolve(event);
    });
  });
}

test('the engine gets its files and folders as arguments', async () => {
  const given = options();
  await using engine = await openEngine(given);

  const { argv } = await facts(engine);
  const [library, cache] = [given.libraryPath, given.cachePath];
  expect(argv).toEqual(['--library', library, '--cache', cache, '--models', '/models/a', '--models', '/models/b']);
});

test('the engine works in an empty folder, even when something was left there', async () => {
  const given = options();
  mkdirSync(join(given.cachePath, 'empty'), { recursive: true });
  writeFileSync(join(given.cachePath, 'empty', 'weights.bin'), 'planted');
  await using engine = await openEngine(given);

  const { cwd } = await facts(engine);
  expect(cwd).toBe(join(given.cachePath, 'empty'));
  expect(readdirSync(cwd)).toEqual([]);
});

test('the environment sizes the thread pool, blocks untrusted loaders and drops what would change Node', async () => {
  process.env['NODE_OPTIONS'] = '--no-warnings';
  try {
    await using engine = await openEngine(options());
    const { env } = await facts(engine);
    expect(env).toEqual({
      UV_THREADPOOL_SIZE: String(Math.min(64, availableParallelism()) + 4),
      VIPS_BLOCK_UNTRUSTED: '1',
    });
  } finally {
    delete process.env['NODE_OPTIONS'];
  }
});

test('events of the engine reach the listeners until they are taken off', async () => {
  await using engine = await openEngine(options());
  const seen: unknown[] = [];
  const stop = engine.on('datasets.changed', (payload) => seen.push(payload));
  await order(engine, 'event');
  stop();
  await order(engine, 'event');

  expect(seen).toEqual([{ datasetId: 5 }]);
});

test('what the engine writes to stderr arrives line by line', async () => {
  const lines: string[] = [];
  {
    await using engine = await openEngine(options('library', { onLog: (line) => lines.push(line) }));
    await order(engine, 'complain');
  }
  expect(lines).toEqual(['first line', 'second line']);
});

test('a crash rejects the call under way and the engine is back in under two seconds, told why', async () => {
  await using engine = await openEngine(options());
  const firstPid = engine.pid;
  const states: string[] = [];
  engine.on('engine.state', ({ state }) => states.push(state));

  await expect(order(engine, 'segfault')).rejects.toMatchObject({ code: 'engine.down', details: { reason: 'crash' } });
  const diedAt = performance.now();
  const { argv } = await facts(engine);

  expect(performance.now() - diedAt).toBeLessThan(2000);
  expect(argv.slice(-2)).toEqual(['--after', 'crash']);
  expect(engine.pid).not.toBe(firstPid);
  expect(states).toEqual(['restarting', 'ready']);
});

test('an exit with an error code is a crash too', async () => {
  await using engine = await openEngine(options());
  await expect(order(engine, 'exit 7')).rejects.toMatchObject({ details: { reason: 'crash', exitCode: 7 } });

  expect((await facts(engine)).argv.slice(-2)).toEqual(['--after', 'crash']);
});

test('an engine killed from outside comes back as killed', async () => {
  await using engine = await openEngine(options());
  const restarting = nextState(engine, 'restarting');
  process.kill(engine.pid!, 'SIGKILL');
  await restarting;

  expect((await facts(engine)).argv.slice(-2)).toEqual(['--after', 'killed']);
});

test('a hanging engine is killed and replaced', async () => {
  await using engine = await openEngine(options('library', { timing: { pingIntervalMs: 50, hangMs: 400 } }));
  await expect(order(engine, 'hang')).rejects.toMatchObject({ code: 'engine.down', details: { reason: 'hang' } });

  expect((await facts(engine)).argv.slice(-2)).toEqual(['--after', 'hang']);
});

test('a living engine is left alone however long it runs', async () => {
  await using engine = await openEngine(options('library', { timing: { pingIntervalMs: 20, hangMs: 200 } }));
  const pid = engine.pid;
  await new Promise((resolve) => setTimeout(resolve, 1000));

  expect((await facts(engine)).argv).not.toContain('--after');
  expect(engine.pid).toBe(pid);
});

test('a call that only reads is asked again after a crash', async () => {
  await using engine = await openEngine(options());

  expect(await engine.call('datasets.list', {})).toEqual([]);
  expect((await facts(engine)).argv).toContain('--after');
});

test('it is asked again only once', async () => {
  await using engine = await openEngine(options());
  let restarts = 0;
  engine.on('engine.state', ({ state }) => (restarts += state === 'restarting' ? 1 : 0));

  await expect(engine.call('models.list', {})).rejects.toMatchObject({ code: 'engine.down' });
  expect(restarts).toBe(2);
});

test('an engine that will not start says why and is not tried again', async () => {
  await expect(openEngine(options('refuse'))).rejects.toMatchObject({ code: 'store.locked', details: { pid: 1 } });
});

test('an engine that dies at every start is given up after five restarts', async () => {
  const startedAt = performance.now();
  await expect(openEngine(options('die'))).rejects.toMatchObject({
    code: 'engine.down',
    details: { reason: 'crash', exitCode: 3 },
  });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('after it is given up, every call fails at once with the reason', async () => {
  await using engine = await openEngine(options());
  const down = nextState(engine, 'down');
  for (let life = 0; life < 6; life++) await order(engine, 'segfault').catch(() => undefined);

  expect((await down).message).toMatch(/too often/);
  await expect(order(engine, 'event')).rejects.toMatchObject({ code: 'engine.down' });
  expect(engine.pid).toBeUndefined();
});

test('a missing Node binary is a failed start', async () => {
  await expect(openEngine(options('library', { nodePath: '/nowhere/node' }))).rejects.toMatchObject({
    code: 'engine.down',
  });
});

test('disposing stops the process, and calls after that fail', async () => {
  const engine = await openEngine(options());
  const pid = engine.pid!;
  await engine[Symbol.asyncDispose]();

  expect(() => process.kill(pid, 0)).toThrow();
  await expect(engine.call('engine.info', {})).rejects.toMatchObject({ code: 'engine.down' });
});

test('an engine deaf to the stop is killed', async () => {
  const engine = await openEngine(options('deaf', { timing: { stopMs: 200 } }));
  const pid = engine.pid!;
  const startedAt = performance.now();
  await engine[Symbol.asyncDispose]();

  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(() => process.kill(pid, 0)).toThrow();
});
