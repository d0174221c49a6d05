import { describe, expect, test } from 'vitest';
import { openHttp, type HttpOptions } from '../../../electron/engine/models/http.ts';
import { mirrored } from '../../../electron/engine/models/mirror.ts';
import { certificate, serveFile, serveProxy, type Behaviour } from '../../support/web-server.ts';

const bytes = Buffer.from('weights');

async function read(address: string, options: Partial<HttpOptions> = {}): Promise<string> {
  const http = openHttp({ proxy: '', environment: {}, stallMs: 300, ...options });
  const answer = await http.get(new URL(address), {});
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body()) chunks.push(chunk);
  return `${answer.status} ${Buffer.concat(chunks).toString()}`;
}

const secure = (script?: Behaviour[]) => serveFile(bytes, script, { secure: true });
const trusting = { certificates: [certificate] };
const redirect = (location: string, status = 302): Behaviour[] => [{ status, headers: { Location: location } }];

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('with status %i are followed', async (status) => {
    const server = await serveFile(bytes, [...redirect('/there?x=1', status), {}]);
    expect(await read(`${server.origin}/here`)).toBe('200 weights');
    expect(server.requests.map(({ url }) => url)).toEqual(['/here', '/there?x=1']);
  });

  test('may lead to another server, encrypted or not', async () => {
    const there = await secure();
    const here = await serveFile(bytes, redirect(`${there.origin}/`));
    expect(await read(`${here.origin}/`, trusting)).toBe('200 weights');
  });

  test('are followed five times and no further', async () => {
    const steps = [1, 2, 3, 4, 5].flatMap((step) => redirect(`/${step}`));
    const five = await serveFile(bytes, [...steps, {}]);
    expect(await read(`${five.origin}/`)).toBe('200 weights');

    const loop = await serveFile(bytes, redirect('/'));
    await expect(read(`${loop.origin}/`)).rejects.toMatchObject({
      code: 'network.failed',
      details: { reason: 'redirect' },
      message: `127.0.0.1:${loop.port} sends us round in circles`,
    });
    expect(loop.requests).toHaveLength(6);
  });

  test.each(['ftp://example.invalid/x', 'file:///etc/passwd', 'http://[', ''])(
    'to %j are not followed',
    async (location) => {
      const server = await serveFile(bytes, redirect(location));
      const failure = read(`${server.origin}/`);
      // An empty one is the same address again: a circle.
      await expect(failure).rejects.toMatchObject({ code: 'network.failed', details: { reason: 'redirect' } });
    },
  );

  test('that say nothing of where to are no way', async () => {
    const server = await serveFile(bytes, [{ status: 302 }]);
    await expect(read(`${server.origin}/`)).rejects.toThrow(/redirects to no address we can follow/);
  });

  test('from an encrypted server to one in the open are refused, but for this machine', async () => {
    const open = await secure(redirect('http://weights.invalid/'));
    await expect(read(open.origin, trusting)).rejects.toThrow(/redirects to weights\.invalid without encryption/);

    const plain = await serveFile(bytes);
    const here = await secure(redirect(plain.origin));
    expect(await read(here.origin, trusting)).toBe('200 weights');
  });
});

describe('encryption', () => {
  test('with a certificate nobody trusts is refused', async () => {
    const server = await secure();
    await expect(read(server.origin)).rejects.toMatchObject({
      code: 'network.failed',
      details: { reason: 'certificate' },
    });
    expect(server.requests).toEqual([]);
  });

  test('spoken to a server that does not is told as such', async () => {
    const server = await serveFile(bytes);
    await expect(read(`https://127.0.0.1:${server.port}/`)).rejects.toMatchObject({ details: { reason: 'protocol' } });
  });
});

describe('a proxy', () => {
  test('of the settings is asked for plain addresses', async () => {
    const server = await serveFile(bytes);
    const proxy = await serveProxy();
    expect(await read(`${server.origin}/a`, { proxy: proxy.origin })).toBe('200 weights');
    expect(proxy.seen).toEqual([`GET ${server.origin}/a`]);
  });

  test('of the settings is tunnelled through for encrypted addresses', async () => {
    const server = await secure();
    const proxy = await serveProxy();
    expect(await read(`https://localhost:${server.port}/a`, { proxy: proxy.origin, ...trusting })).toBe('200 weights');
    expect(proxy.seen).toEqual([`CONNECT localhost:${server.port}`]);
  });

  test('may be written without http://', async () => {
    const server = await serveFile(bytes);
    const proxy = await serveProxy();
    await read(server.origin, { proxy: `127.0.0.1:${proxy.port}` });
    expect(proxy.seen).toHaveLength(1);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])('of the environment is used: %s', async (name) => {
    const server = await secure();
    const proxy = await serveProxy();
    expect(await read(server.origin, { environment: { [name]: proxy.origin }, ...trusting })).toBe('200 weights');
    expect(proxy.seen).toHaveLength(1);
  });

  test('of the environment is not used for hosts in NO_PROXY, nor when the settings name another', async () => {
    const server = await serveFile(bytes);
    const proxy = await serveProxy();
    const environment = { HTTP_PROXY: proxy.origin, NO_PROXY: 'example.com,127.0.0.1' };
    expect(await read(server.origin, { environment })).toBe('200 weights');
    expect(proxy.seen).toEqual([]);

    const second = await serveProxy();
    await read(server.origin, { environment, proxy: second.origin });
    expect([proxy.seen.length, second.seen.length]).toEqual([0, 1]);
  });

  test.each(['socks5://127.0.0.1:1', 'http://', 'nonsense nonsense'])(
    'that we cannot talk to is told instead of going without: %s',
    (proxy) => {
      expect(() => openHttp({ proxy, environment: {} })).toThrow(/must be an address like/);
      expect(() => openHttp({ proxy: '', environment: { HTTPS_PROXY: proxy } })).toThrow(/environment \(HTTPS_PROXY\)/);
    },
  );

  test('never has its password told', () => {
    expect(() => openHttp({ proxy: 'socks5://me:secret@host:1' })).toThrow(/^(?!.*secret)/);
  });

  test('that refuses is told', async () => {
    const server = await secure();
    const proxy = await serveProxy(403);
    await expect(read(server.origin, { proxy: proxy.origin, ...trusting })).rejects.toMatchObject({
      code: 'network.failed',
      details: { reason: 'proxy' },
    });
    expect(server.requests).toEqual([]);
  });

  test('that is not there is told by its address', async () => {
    const proxy = await serveProxy();
    await proxy.close();
    await expect(read('http://weights.invalid/', { proxy: proxy.origin })).rejects.toMatchObject({
      code: 'network.failed',
      details: { reason: 'offline' },
      message: `No connection to the proxy 127.0.0.1:${proxy.port} (ECONNREFUSED): is there a network?`,
    });
  });
});

test('a server that never answers is left after a while', async () => {
  const server = await serveFile(bytes, [{ stallAfter: 0 }]);
  const beganMs = performance.now();
  await expect(read(server.origin)).rejects.toMatchObject({ details: { reason: 'stalled' } });
  expect(performance.now() - beganMs).toBeLessThan(2000);
});

describe('a mirror', () => {
  const published = 'https://download.pytorch.org/models/a-1b2c.pth?x=1';
  test.each([
    ['', published],
    ['https://mirror.example', 'https://mirror.example/models/a-1b2c.pth?x=1'],
    ['http://127.0.0.1:8080/copies/', 'http://127.0.0.1:8080/copies/models/a-1b2c.pth?x=1'],
    ['https://me:pw@mirror.example/a/b', 'https://me:pw@mirror.example/a/b/models/a-1b2c.pth?x=1'],
  ])('at %j has it at %s', (mirror, address) => {
    expect(mirrored(published, mirror).href).toBe(address);
  });

  test.each(['mirror.example', 'ftp://mirror.example', 'file:///home/me'])('at %j is no address', (mirror) => {
    expect(() => mirrored(published, mirror)).toThrow(/must be an address like/);
  });
});
