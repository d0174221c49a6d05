import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { download, type DownloadRequest } from '../../../electron/engine/models/download.ts';
import { openHttp } from '../../../electron/engine/models/http.ts';
import { temporaryFolder } from '../../support/library.ts';
import { serveFile, type Behaviour, type WebServer } from '../../support/web-server.ts';

/** Large enough for several network reads, and for a try to count as progress. */
const bytes = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const other = randomBytes(bytes.length);

let folder: string;
let target: string;
beforeEach(() => {
  folder = temporaryFolder();
  target = join(folder, 'downloads', 'weights.pth');
});

function fetchFrom(server: Pick<WebServer, 'origin'>, more: Partial<DownloadRequest> = {}) {
  return download({
    url: new URL('/models/weights.pth', server.origin),
    target,
    http: openHttp({ proxy: '', environment: {}, stallMs: 300 }),
    maxBytes: 10_000_000,
    retryMs: 1,
    ...more,
  });
}

const kept = () => (existsSync(`${target}.part`) ? statSync(`${target}.part`).size : null);
const ranges = ({ requests }: WebServer) => requests.map(({ headers }) => headers.range);

/** As an earlier session left it: so many bytes, then stopped. */
async function begin(server: WebServer, stopAt: number, more: Partial<DownloadRequest> = {}): Promise<void> {
  const abort = new AbortController();
  const onProgress = (done: number) => {
    if (done >= stopAt) abort.abort();
  };
  await expect(fetchFrom(server, { ...more, signal: abort.signal, onProgress })).rejects.toMatchObject({
    code: 'aborted',
  });
}

describe('a file that arrives', () => {
  test('lies whole under its name, with nothing beside it', async () => {
    const server = await serveFile(bytes);
    const seen: [number, number | null][] = [];
    const result = await fetchFrom(server, { onProgress: (done, total) => seen.push([done, total]) });

    expect(result).toEqual({ sizeBytes: bytes.length, sha256, checkedBy: null });
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(readdirSync(join(folder, 'downloads'))).toEqual(['weights.pth']);
    expect(seen[0]).toEqual([0, bytes.length]);
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(server.requests).toMatchObject([{ url: '/models/weights.pth', headers: { 'accept-encoding': 'identity' } }]);
  });

  test.each<[Partial<DownloadRequest>, string]>([
    [{ sha256 }, 'sha256'],
    [{ sha256Prefix: sha256.slice(0, 8) }, 'sha256-prefix'],
    [{ expectedBytes: bytes.length }, 'size'],
  ])('is compared with what is known: %j', async (known, checkedBy) => {
    expect(await fetchFrom(await serveFile(bytes), known)).toMatchObject({ sha256, checkedBy });
  });

  test('is compared with the checksum that Hugging Face states when it redirects to its storage', async () => {
    const storage = await serveFile(bytes);
    const headers = (etag: string) => ({
      Location: `${storage.origin}/blob`,
      'X-Linked-Etag': `"${etag}"`,
      'X-Linked-Size': String(bytes.length),
    });
    const good = await serveFile(bytes, [{ status: 302, headers: headers(sha256) }]);
    expect(await fetchFrom(good)).toMatchObject({ checkedBy: 'server' });

    const bad = await serveFile(bytes, [{ status: 302, headers: headers('0'.repeat(64)) }]);
    await expect(fetchFrom(bad, { target: `${target}2` })).rejects.toMatchObject({ code: 'download.corrupt' });
  });

  test('is not fetched again while it lies there unused', async () => {
    const server = await serveFile(bytes);
    await fetchFrom(server);
    expect(await fetchFrom(server, { sha256 })).toMatchObject({ sha256, checkedBy: 'sha256' });
    expect(server.requests).toHaveLength(1);
  });

  test('is fetched again when the one that lies there is another', async () => {
    const server = await serveFile(bytes);
    await fetchFrom(server);
    writeFileSync(target, other);
    expect(await fetchFrom(server, { sha256 })).toMatchObject({ sha256 });
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  test.each<[string, Behaviour]>([
    ['in chunks', { chunked: true, contentLength: null }],
    ['until the connection ends', { contentLength: null }],
  ])('may come without a length, %s', async (_, behaviour) => {
    const totals: (number | null)[] = [];
    const result = await fetchFrom(await serveFile(bytes, [behaviour]), {
      onProgress: (_done, total) => totals.push(total),
    });
    expect(result).toMatchObject({ sizeBytes: bytes.length, sha256 });
    expect(new Set(totals)).toEqual(new Set([null]));
  });

  test('may come slowly: only silence counts', async () => {
    const server = await serveFile(bytes.subarray(0, 300_000), [{ pauseMs: 100 }]);
    expect(await fetchFrom(server)).toMatchObject({ sizeBytes: 300_000 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('an interruption', () => {
  test('is followed by another try that goes on where it stopped', async () => {
    const server = await serveFile(bytes, [{ dropAfter: 1_000_000 }, { dropAfter: 500_000 }, {}]);
    expect(await fetchFrom(server, { sha256 })).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, 'bytes=1000000-', 'bytes=1500000-']);
    expect(server.requests[1]!.headers['if-range']).toBe('"one"');
  });

  test('by silence is noticed', async () => {
    const server = await serveFile(bytes, [{ stallAfter: 1_000_000 }, {}]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, 'bytes=1000000-']);
  });

  test('before a single byte is tried again too', async () => {
    const server = await serveFile(bytes, [{ hangUp: true }, {}]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
  });

  test('that goes on and on is told after five tries, and what arrived is kept', async () => {
    const server = await serveFile(bytes, [{ dropAfter: 1000 }]);
    await expect(fetchFrom(server)).rejects.toMatchObject({ code: 'network.failed', details: { reason: 'dropped' } });
    expect(server.requests).toHaveLength(5);
    expect(kept()).toBe(5000);
  });

  test('does not count against the tries when the one before brought a megabyte', async () => {
    const large = randomBytes(7_500_000);
    const server = await serveFile(large, [{ dropAfter: 1_100_000 }]);
    expect(await fetchFrom(server)).toMatchObject({ sizeBytes: large.length });
    expect(server.requests).toHaveLength(7);
  });

  test('by the person keeps what arrived for a later session', async () => {
    const server = await serveFile(bytes);
    await begin(server, 1_000_000);
    const part = kept()!;
    expect(part).toBeGreaterThanOrEqual(1_000_000);
    expect(existsSync(target)).toBe(false);

    const seen: number[] = [];
    expect(await fetchFrom(server, { onProgress: (done) => seen.push(done) })).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, `bytes=${part}-`]);
    expect(seen[0]).toBe(part);
  });

  test('by the person while waiting for another try is heeded at once', async () => {
    const server = await serveFile(bytes, [{ hangUp: true }]);
    const abort = new AbortController();
    const running = fetchFrom(server, { retryMs: 60_000, signal: abort.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
  });

  test('right after the last byte needs no further request', async () => {
    const server = await serveFile(bytes);
    await begin(server, 1_000_000);
    writeFileSync(`${target}.part`, bytes);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('going on', () => {
  test('begins again when the server does not know Range', async () => {
    const server = await serveFile(bytes, [{ dropAfter: 1_000_000 }, { ignoreRange: true }]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(server.requests).toHaveLength(2);
  });

  test('begins again when the file has another ETag meanwhile', async () => {
    const server = await serveFile(bytes, [{ bytes: other, dropAfter: 1_000_000, etag: '"old"' }, { etag: '"new"' }]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, 'bytes=1000000-']);
  });

  test('begins again when a server sends a piece of another version in spite of If-Range', async () => {
    const rude = {
      status: 206,
      etag: '"new"',
      headers: { 'Content-Range': `bytes 1000000-2999999/3000000` },
      bytes: bytes.subarray(1_000_000),
    };
    const server = await serveFile(bytes, [
      { bytes: other, dropAfter: 1_000_000, etag: '"old"' },
      rude,
      { etag: '"new"' },
    ]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, 'bytes=1000000-', undefined]);
  });

  test('begins again when the piece starts elsewhere', async () => {
    const server = await serveFile(bytes, [{ dropAfter: 1_000_000 }, { shiftRange: 10 }, {}]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, 'bytes=1000000-', undefined]);
  });

  test('begins again when the file has become shorter', async () => {
    const server = await serveFile(bytes.subarray(0, 500_000), [{ bytes, dropAfter: 1_000_000 }, {}, {}]);
    expect(await fetchFrom(server)).toMatchObject({ sizeBytes: 500_000 });
  });

  test.each([
    ['no ETag', null],
    ['a weak ETag', 'W/"one"'],
  ])('begins again in a later session with %s and no published checksum', async (_, etag) => {
    const server = await serveFile(bytes, [{ etag }]);
    await begin(server, 1_000_000);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, undefined]);
  });

  test('trusts the published checksum where there is no ETag', async () => {
    const server = await serveFile(bytes, [{ etag: null }]);
    await begin(server, 1_000_000, { sha256 });
    const part = kept()!;
    expect(await fetchFrom(server, { sha256 })).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, `bytes=${part}-`]);
  });

  test('uses the date of the file where there is no ETag', async () => {
    const date = 'Tue, 01 Oct 2024 12:00:00 GMT';
    const server = await serveFile(bytes, [{ etag: null, headers: { 'Last-Modified': date } }]);
    await begin(server, 1_000_000);
    const part = kept()!;
    await fetchFrom(server);
    expect(server.requests[1]!.headers).toMatchObject({ range: `bytes=${part}-`, 'if-range': date });
  });

  test('does not mix the bytes of two servers', async () => {
    await begin(await serveFile(other), 1_000_000);
    const second = await serveFile(bytes);
    expect(await fetchFrom(second)).toMatchObject({ sha256 });
    expect(ranges(second)).toEqual([undefined]);
  });

  test('writes no password of a mirror down', async () => {
    const server = await serveFile(bytes);
    await begin({ ...server, origin: server.origin.replace('//', '//me:secret@') }, 1_000_000);
    expect(server.requests[0]!.headers.authorization).toMatch(/^Basic /);
    expect(readFileSync(`${target}.part.json`, 'utf8')).not.toContain('secret');
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(server.requests[1]!.headers.range).toMatch(/^bytes=/);
  });

  test('does not trust a note that is not ours', async () => {
    const server = await serveFile(bytes);
    await begin(server, 1_000_000);
    writeFileSync(`${target}.part.json`, '{"url": 7}');
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
    expect(ranges(server)).toEqual([undefined, undefined]);
  });
});

describe('what cannot be the file', () => {
  const flipped = Buffer.from(bytes);
  flipped[1_234_567]! ^= 1;
  const page = { headers: { 'Content-Type': 'text/html; charset=utf-8' }, bytes: Buffer.from('<h1>Sign in</h1>') };

  test.each<[string, Behaviour, Partial<DownloadRequest>, RegExp]>([
    ['a flipped bit', { bytes: flipped }, { sha256 }, /has the SHA-256 [0-9a-f]{64} instead of/],
    ['another file', { bytes: other }, { sha256Prefix: sha256.slice(0, 8) }, /instead of [0-9a-f]{8}…/],
    ['a shorter length', { contentLength: 1_000_000 }, { sha256 }, /instead of/],
    [
      'another length than published',
      { contentLength: 7 },
      { expectedBytes: bytes.length },
      /offers a file of 7 bytes/,
    ],
    ['a length beyond all bounds', { contentLength: 10_000_001 }, {}, /at most 10\.0 MB/],
    ['a length far too short', { bytes: bytes.subarray(0, 100) }, { minBytes: 1_000_000 }, /1\.00 MB or more/],
    [
      'more than the bounds, without a length',
      { chunked: true, contentLength: null },
      { maxBytes: 99_999 },
      /sends more than/,
    ],
    ['less than the bounds, without a length', { contentLength: null }, { minBytes: 9_000_000 }, /cannot be the file/],
    ['a sign-in page', page, {}, /sends a web page/],
  ])('is refused and deleted: %s', async (_, behaviour, known, reason) => {
    const server = await serveFile(bytes, [behaviour]);
    const failure = fetchFrom(server, known);
    await expect(failure).rejects.toMatchObject({ code: 'download.corrupt' });
    await expect(failure).rejects.toThrow(reason);
    expect(server.requests).toHaveLength(1);
    expect(readdirSync(join(folder, 'downloads'))).toEqual([]);
  });

  test('a longer length than the file has is waited for in vain', async () => {
    const small = bytes.subarray(0, 50_000);
    const server = await serveFile(small, [{ contentLength: 60_000 }]);
    await expect(fetchFrom(server, { tries: 3 })).rejects.toMatchObject({ code: 'network.failed' });
    expect(server.requests).toHaveLength(3);
    expect(existsSync(target)).toBe(false);
  });

  test('a packed body is refused', async () => {
    const server = await serveFile(bytes, [{ headers: { 'Content-Encoding': 'gzip' } }]);
    await expect(fetchFrom(server)).rejects.toMatchObject({ details: { reason: 'protocol' } });
  });
});

describe('a server that says no', () => {
  test.each([
    [404, /has no file weights\.pth \(status 404\)/],
    [403, /does not hand out weights\.pth \(status 403\)/],
    [401, /status 401/],
    [407, /proxy wants a name and a password/],
    [418, /status 418/],
  ])('with status %i is asked once', async (status, reason) => {
    const server = await serveFile(bytes, [{ status }]);
    const failure = fetchFrom(server);
    await expect(failure).rejects.toMatchObject({ code: 'network.failed', details: { status } });
    await expect(failure).rejects.toThrow(reason);
    expect(server.requests).toHaveLength(1);
  });

  test.each([500, 502, 503, 429])('with status %i is asked again', async (status) => {
    const server = await serveFile(bytes, [{ status }, { status }, {}]);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
  });

  test('five times is believed', async () => {
    const server = await serveFile(bytes, [{ status: 500 }]);
    await expect(fetchFrom(server)).rejects.toThrow(/too busy at the moment \(status 500\)/);
    expect(server.requests).toHaveLength(5);
  });

  test('and when to come back is heeded', async () => {
    const server = await serveFile(bytes, [{ status: 429, headers: { 'Retry-After': '1' } }, {}]);
    const beganMs = performance.now();
    await fetchFrom(server);
    expect(performance.now() - beganMs).toBeGreaterThan(950);
  });

  test.each(['3600', new Date(Date.now() + 3_600_000).toUTCString()])(
    'and to come back in an hour (%s) is told instead of waited for',
    async (after) => {
      const server = await serveFile(bytes, [{ status: 503, headers: { 'Retry-After': after } }]);
      await expect(fetchFrom(server)).rejects.toThrow(/asks to wait 3[56]\d\d seconds/);
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('the disk', () => {
  test('with too little room for what is offered is told with numbers before anything is written', async () => {
    const petabytes = 5_000_000_000_000_000;
    const server = await serveFile(bytes, [{ contentLength: petabytes, stallAfter: 10 }]);
    const failure = fetchFrom(server, { maxBytes: Infinity });
    await expect(failure).rejects.toMatchObject({ code: 'disk.full', details: { neededBytes: petabytes } });
    await expect(failure).rejects.toThrow(/5000000\.00 GB are needed on the disk of .+ are free/);
    expect(kept()).toBe(0);
  });

  test('with too little room for what is made of the file is told too', async () => {
    const server = await serveFile(bytes);
    await expect(fetchFrom(server, { spareBytes: 1e18 })).rejects.toMatchObject({ code: 'disk.full' });
  });

  test('that becomes full on the way is told, and what had arrived stays', async () => {
    const server = await serveFile(bytes);
    await begin(server, 1_000_000);
    // Linux' device that is always full stands in for the rest of the disk.
    const full = join(folder, 'full.pth');
    symlinkSync('/dev/full', `${full}.part`);
    await expect(fetchFrom(server, { target: full })).rejects.toMatchObject({ code: 'disk.full' });
    expect(existsSync(`${full}.part`)).toBe(true);
    expect(await fetchFrom(server)).toMatchObject({ sha256 });
  });
});

test('without anybody at the other end one sentence comes at once', async () => {
  const gone = await serveFile(bytes);
  await gone.close();
  const failure = fetchFrom(gone, { retryMs: 60_000 });
  await expect(failure).rejects.toMatchObject({ code: 'network.failed', details: { reason: 'offline' } });
  await expect(failure).rejects.toThrow(/No connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\): is there a network\?/);
});

test('a name nobody knows is told as such', async () => {
  const failure = fetchFrom({ origin: 'http://weights.invalid' }, { retryMs: 60_000 });
  await expect(failure).rejects.toMatchObject({ code: 'network.failed', details: { reason: 'offline' } });
});
