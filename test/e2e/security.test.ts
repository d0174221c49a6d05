/** @file What a page that has been taken over can do: nothing but what a person could click. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostCalls, rendererCalls } from '#contract/calls.ts';
import { launchApp, root, type LaunchedApp } from '../support/electron.ts';

let app: LaunchedApp;
beforeAll(async () => {
  app = await launchApp();
  // Nobody is there to answer dialogs, and nothing should open on the tester's screen.
  await app.electron.evaluate(({ dialog, shell }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] });
    dialog.showSaveDialog = () => Promise.resolve({ canceled: true, filePath: '' });
    shell.showItemInFolder = () => undefined;
    shell.openPath = () => Promise.resolve('');
  });
});
afterAll(() => app[Symbol.asyncDispose]());

const windowCount = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

/** Status by main's own network stack, which takes methods and addresses that a page cannot. */
function statusOf(address: string, method = 'GET'): Promise<number | string> {
  return app.electron.evaluate(
    ({ net }, [url, method]) =>
      net.fetch(url!, { method: method! }).then(
        (response) => response.status,
        (error: Error) => `refused: ${error.message}`,
      ),
    [address, method],
  );
}

test('the page has nothing of Node', async () => {
  const names = ['require', 'process', 'module', 'global', 'Buffer', '__dirname', 'electron', 'ipcRenderer'];
  const types = await app.page.evaluate((names) => names.map((name) => typeof Reflect.get(globalThis, name)), names);

  expect(types).toEqual(names.map(() => 'undefined'));
});

test('the page gets three functions and cannot replace them', async () => {
  const bridge = await app.page.evaluate(() => {
    try {
      Reflect.set(window, 'labelwright', {});
      Reflect.set(window.labelwright, 'call', null);
    } catch {
      // Refused loudly is refused too.
    }
    return Object.entries(window.labelwright).map(([name, value]) => `${name}: ${typeof value}`);
  });

  expect(bridge.toSorted()).toEqual(['call: function', 'dropFolders: function', 'on: function']);
});

test('the window runs isolated, in a sandbox, without webviews', async () => {
  const preferences = await app.electron.evaluate(({ webContents }) => {
    // Not in Electron's types: what the window was really made with.
    const contents = webContents.getAllWebContents()[0] as unknown as { getLastWebPreferences(): object };
    return contents.getLastWebPreferences();
  });

  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('the policy allows no inline code', async () => {
  const policy = await app.page.evaluate(async () => {
    const response = await fetch('app://main/index.html');
    return [response.headers.get('content-security-policy'), response.headers.get('x-content-type-options')];
  });

  expect(policy[0]).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
  expect(policy[0]).not.toMatch(/unsafe|\*|https?:|data:/);
  expect(policy[1]).toBe('nosniff');
});

test('code and sources from elsewhere are blocked', async () => {
  const outcome = await app.page.evaluate(async () => {
    const blocked = new Set<string>();
    document.addEventListener('securitypolicyviolation', (event) => blocked.add(event.effectiveDirective));
    const outcomes: Record<string, string> = {};
    // In a task of its own: the debugger that runs this function may use eval, a page may not.
    const attempt = (name: string, act: () => void) =>
      new Promise<void>((resolve) =>
        setTimeout(() => {
          try {
            act();
            outcomes[name] = 'done';
          } catch (error) {
            outcomes[name] = (error as Error).name;
          }
          resolve();
        }),
      );
    await attempt('eval', () => (0, eval)('window.evaluated = true'));
    await attempt('function', () => new Function('window.evaluated = true')());
    await attempt('inline script', () => {
      const script = document.createElement('script');
      script.textContent = 'window.evaluated = true';
      document.head.append(script);
    });
    await attempt('html', () => (document.createElement('div').innerHTML = '<img src=x onerror="window.evaluated=1">'));
    await attempt('image', () => (new Image().src = 'https://example.com/a.png'));
    await attempt('data image', () => (new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='));
    await attempt('fetch', () => void fetch('https://example.com/').catch(() => undefined));
    await attempt('frame', () => {
      const frame = document.createElement('iframe');
      frame.src = 'app://main/index.html';
      document.body.append(frame);
    });
    await attempt('base', () => {
      const base = document.createElement('base');
      base.href = 'https://example.com/';
      document.head.append(base);
    });
    await attempt('style', () => {
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.head.append(style);
      style.remove();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    document.querySelectorAll('iframe, base').forEach((element) => element.remove());
    return { outcomes, blocked: [...blocked].sort(), evaluated: 'evaluated' in window };
  });

  expect(outcome.evaluated).toBe(false);
  expect(outcome.outcomes).toMatchObject({ eval: 'EvalError', function: 'EvalError', html: 'TypeError' });
  expect(outcome.blocked).toEqual(
    expect.arrayContaining(['base-uri', 'connect-src', 'frame-src', 'img-src', 'style-src-elem']),
  );
});

test('no second window opens', async () => {
  const opened = await app.page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'app://main/index.html';
    link.target = '_blank';
    document.body.append(link);
    link.click();
    link.remove();
    return [window.open('app://main/index.html'), window.open('https://example.com/')];
  });
  await app.page.waitForTimeout(300);

  expect(opened).toEqual([null, null]);
  expect(await windowCount()).toBe(1);
});

test.each(['https://example.com/', 'file:///etc/passwd', 'app://other/', 'thumb://i/x', 'javascript:void(0)'])(
  'the page cannot go to %s',
  async (address) => {
    await app.page.evaluate((address) => void setTimeout(() => (location.href = address)), address);
    await app.page.waitForTimeout(300);

    expect(app.page.url()).toBe('app://main/');
    expect(await app.get('status-bar').isVisible()).toBe(true);
  },
);

test('a webview makes no process', async () => {
  await app.page.evaluate(() => document.body.append(document.createElement('webview')));
  await app.page.waitForTimeout(200);

  const count = await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  expect(count).toBe(1);
  await app.page.evaluate(() => document.querySelector('webview')?.remove());
});

test('every permission is denied', async () => {
  const states = await app.page.evaluate(async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'midi',
      'clipboard-read',
      'persistent-storage',
    ];
    const asked = names.map((name) => navigator.permissions.query({ name: name as PermissionName }));
    const media = await navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'granted',
      () => 'denied',
    );
    return [...(await Promise.all(asked)).map(({ state }) => state), await Notification.requestPermission(), media];
  });

  expect(new Set(states)).toEqual(new Set(['denied']));
});

test('nothing reaches the network, not even from main', async () => {
  expect(await statusOf('https://example.com/')).toMatch(/^refused/);
  expect(await statusOf('http://127.0.0.1:1/')).toMatch(/^refused/);
});

test('names that are no calls are refused', async () => {
  const names = ['', 'nothing', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'settings.get ', null, 7, {}];
  const results = await app.page.evaluate(
    (names) => Promise.all(names.map((name) => window.labelwright.call(name as string, {}))),
    names,
  );

  expect(results.map((result) => !result.ok && result.error.code)).toEqual(names.map(() => 'input.invalid'));
});

test('calls that name paths are refused from the page', async () => {
  const options = { include: 'both', topK: 1, minScore: 0, onlyReviewed: false, level: 'own', dialect: 'data' };
  const inputs: Record<keyof typeof hostCalls, unknown> = {
    'engine.info': {},
    'engine.configure': {
      threads: 1,
      batchSize: 1,
      provider: 'cpu',
      proxy: '',
      mirror: '',
      gentle: false,
      thumbnails: false,
    },
    'engine.stop': {},
    'datasets.open': { folders: ['/etc'] },
    'sources.add': { datasetId: 1, folders: ['/etc'] },
    'image.path': { imageId: 1 },
    'thumbnail.get': { token: '0'.repeat(32), size: 's' },
    'export.write': { datasetId: 1, format: 'csv', options, path: '/tmp/planted.csv' },
    'results.page': { datasetId: 1, options, afterId: 0, limit: 1 },
    'library.check': {},
    'learn.export': { datasetId: 1, form: 'onnx', path: '/tmp/planted.onnx' },
    'learn.evaluate': { datasetId: 1, seeds: 1 },
    'models.inspect': { path: '/etc/passwd' },
    'models.optimize-folder': { modelId: 'resnext26-tags', folder: '/etc' },
    'models.import-labels': { importId: 1, path: '/etc/passwd' },
    'labels.open': {
      datasetId: 1,
      path: '/etc/passwd',
      options: { format: null, predictions: false, minScore: 0, table: null },
    },
    'profiles.keep-file': { datasetId: 1, name: 'planted', format: 'csv', options, path: '/tmp/planted.csv' },
  };
  for (const [name, input] of Object.entries(inputs)) {
    const result = await app.page.evaluate(([name, input]) => window.labelwright.call(name, input), [
      name,
      input,
    ] as const);
    expect(result, name).toMatchObject({ ok: false, error: { code: 'input.invalid', message: 'No such call' } });
  }
});

test('a made-up file has no path', async () => {
  const outcome = await app.page.evaluate(async () => {
    const fakes = [{ path: '/etc', name: 'etc' }, new File(['x'], '/etc')] as File[];
    const results = await Promise.all(
      fakes.map((fake) =>
        Promise.resolve()
          .then(() => window.labelwright.dropFolders([fake], null))
          .then(
            (result) => (result.ok ? JSON.stringify(result.value) : result.error.code),
            () => 'refused',
          ),
      ),
    );
    return results;
  });

  expect(outcome).toEqual(['refused', 'null']);
  expect(await app.call('datasets.list', {})).toEqual([]);
});

test('another window is not served, even with our page and our preload script', async () => {
  const answer = await app.electron.evaluate(
    async ({ BrowserWindow }, preload) => {
      const stranger = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      try {
        await stranger.loadURL('app://main/index.html');
        const ask = `window.labelwright.call('settings.get', {}).then((result) => JSON.stringify(result))`;
        return (await stranger.webContents.executeJavaScript(ask)) as string;
      } finally {
        stranger.destroy();
      }
    },
    join(root, 'out/preload/index.cjs'),
  );

  expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { message: 'Unknown sender' } });
});

test('inputs that are not plain data, or too much of it, are refused', async () => {
  const codes = await app.page.evaluate(async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const deep = JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown;
    const large = { theme: 'x'.repeat(1_100_000) };
    const inputs = [cycle, { threads: 1n }, new Map([['theme', 'dark']]), 'text', 7, [], deep, large, new Date()];
    const results = inputs.map((input) => window.labelwright.call('settings.set', input));
    return (await Promise.all(results)).map((result) => (result.ok ? 'taken' : result.error.code));
  });

  // An empty map is an empty object to JSON: nothing is set by it.
  expect(codes.toSpliced(2, 1)).toEqual(codes.toSpliced(2, 1).map(() => 'input.invalid'));
  expect((await app.call('settings.get', {})).theme).toBe('light');
});

test('2,000 random calls are all answered, and change nothing they should not', async () => {
  const names = Object.keys({ ...rendererCalls, ...hostCalls });
  const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'datasetId', 'layout'));
  const likely = fc.record(
    {
      datasetId: fc.oneof(fc.integer(), fc.maxSafeNat(), fc.jsonValue()),
      viewId: fc.nat(),
      imageId: fc.nat(),
      folders: fc.array(fc.constantFrom('/etc', '../..', '\u0000')),
      path: fc.constantFrom('/etc/passwd', 'C:\\'),
      filter: fc.dictionary(key, fc.jsonValue()),
      layout: fc.dictionary(key, fc.jsonValue()),
      target: fc.jsonValue(),
      action: fc.jsonValue(),
      options: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const polluting = fc.constantFrom('{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}');
  const layouts = fc.constantFrom('{"layout":{"__proto__":1}}', '{"layout":{"constructor":"x"}}');
  const input = fc.oneof(
    fc.oneof(likely, fc.jsonValue(), fc.dictionary(key, fc.jsonValue())).map((value) => JSON.stringify(value)),
    polluting,
    layouts,
  );
  const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() });
  const calls = fc.sample(fc.tuple(name, input), { numRuns: 2000, seed: 20 });

  for (let from = 0; from < calls.length; from += 100) {
    const shapes = await app.page.evaluate(
      async (batch) => {
        // Parsed here, so that a key named __proto__ is a key.
        const results = batch.map(([name, text]) => window.labelwright.call(name, JSON.parse(text) as unknown));
        return (await Promise.all(results)).map((result) => typeof result.ok);
      },
      calls.slice(from, from + 100),
    );
    expect(new Set(shapes)).toEqual(new Set(['boolean']));
  }

  const polluted = await app.electron.evaluate(() => Object.keys(Object.prototype).concat(Object.keys({})));
  expect(polluted).toEqual([]);
  expect(readFileSync(join(app.userData, 'logs/main.log'), 'utf8')).not.toMatch(/Uncaught|Unhandled|restarting/);
  // Only the samples could become a dataset: no folder named by the page did.
  const folders = (await app.call('datasets.list', {})).flatMap(({ sources }) => sources.map(({ folder }) => folder));
  expect(folders.filter((folder) => folder !== join(root, 'test/fixtures/photos'))).toEqual([]);
});

test('unknown tokens, other methods and other files are not found', async () => {
  const token = 'f'.repeat(32);
  const addresses = [
    `thumb://i/${token}`,
    `thumb://i/${token}?s=l&v=1`,
    'thumb://i/',
    'thumb://j/x',
    'thumb://i/../../etc',
  ];
  const pages = [
    'app://main/../package.json',
    'app://main/%2e%2e/main/index.mjs',
    'app://other/index.html',
    'app://main/x',
  ];
  for (const address of [...addresses, ...pages]) expect(await statusOf(address), address).toBe(404);

  expect(await statusOf('app://main/index.html')).toBe(200);
  expect(await statusOf('app://main/index.html', 'POST')).toBe(404);
});

test('500 random picture addresses serve nothing', async () => {
  const part = fc.oneof(
    fc.constantFrom('..', '%2e%2e', '%00', '\\', '/', '?s=s', '&v=', 'etc/passwd', 'i', '@', ':'),
    fc.string({ maxLength: 8 }),
    fc.stringMatching(/^[0-9a-f]{32}$/),
  );
  const tails = fc.sample(fc.array(part, { maxLength: 6 }), { numRuns: 500, seed: 20 });
  const statuses = await app.electron.evaluate(
    ({ net }, addresses) =>
      Promise.all(
        addresses.map((address) =>
          net.fetch(address).then(
            (response) => response.status,
            () => 'refused',
          ),
        ),
      ),
    tails.map((tail) => `thumb://i/${tail.join('')}`),
  );

  expect(statuses.filter((status) => status !== 404 && status !== 'refused')).toEqual([]);
});
