/** @file `app://` serves the page, `thumb://` copies of pictures. No path is ever in an address. */
import { protocol } from 'electron';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { CallOutput } from '#contract/calls.ts';
import { parseThumbnailUrl } from './thumbnail-url.ts';

export const pageUrl = 'app://main/';

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' thumb:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The one Svelte makes for its own templates.
  'trusted-types svelte-trusted-html',
].join('; ');

// No Cross-Origin-Opener-Policy: there is no second window it could part this one from, and for it Chromium would throw
// the first page process away and start another, a tenth of the whole start.
const pageHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

const pictureTypes: ReadonlySet<string> = new Set(['image/webp', 'image/jpeg', 'image/png', 'image/avif']);

/** Before 'ready'. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    { scheme: 'thumb', privileges: { standard: true, secure: true } },
  ]);
}

/** The page's files by their path in an address. Small enough to be kept, so that the first request waits for no disk. */
export type PageFiles = ReadonlyMap<string, Buffer>;

/** @param folder  of the built page */
export async function readPage(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.map'));
  const read = files.map(async (entry) => {
    const file = join(entry.parentPath, entry.name);
    return [`/${relative(folder, file).replaceAll(sep, '/')}`, await readFile(file)] as const;
  });
  return new Map(await Promise.all(read));
}

/** Serve these files, and nothing else. */
export function servePage(page: Promise<PageFiles>): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const path = url.pathname === '/' ? '/index.html' : url.pathname;
    const bytes = (await page).get(path);
    if (request.method !== 'GET' || url.host !== 'main' || !bytes) return notFound();
    const type = contentTypes[extname(path)] ?? 'application/octet-stream';
    return new Response(bytes, { headers: { ...pageHeaders, 'Content-Type': type } });
  });
}

/**
 * Serve `thumb://i/<token>?s=s|l`. The token is random and means something to the engine only.
 *
 * @param find  asks the engine; the file it names must lie in `cacheFolder`
 */
export function serveThumbnails(
  cacheFolder: string,
  find: (token: string, size: 's' | 'l') => Promise<CallOutput<'thumbnail.get'>>,
): void {
  protocol.handle('thumb', async (request) => {
    const wanted = request.method === 'GET' ? parseThumbnailUrl(request.url) : undefined;
    if (!wanted) return notFound();
    try {
      const { path, type } = await find(wanted.token, wanted.size);
      if (!path.startsWith(cacheFolder + sep) || !pictureTypes.has(type)) return notFound();
      // Whole: at most a few hundred kB, and an open stream would outlive a cell that scrolls away.
      const bytes = await readFile(path);
      const headers = {
        'Content-Type': type,
        'X-Content-Type-Options': 'nosniff',
        // The address changes with the picture's content (`v=`).
        'Cache-Control': 'private, max-age=86400, immutable',
      };
      return new Response(bytes, { headers });
    } catch (thrown) {
      return AppError.from(thrown).code === 'engine.down' ? unavailable() : notFound();
    }
  });
}

function notFound(): Response {
  return new Response(null, { status: 404, headers: { 'Cache-Control': 'no-store' } });
}

/** The engine is coming back: worth asking again. */
function unavailable(): Response {
  return new Response(null, { status: 503, headers: { 'Cache-Control': 'no-store', 'Retry-After': '1' } });
}
