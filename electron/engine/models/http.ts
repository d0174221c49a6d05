/** @file Asking a web server for one file: proxies, redirects, silence. Nothing here knows about the disk. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import { proxyVariables, type ProxyVariables } from './http-proxy.ts';
import { collectBody } from './http-body.ts';
import { networkError, stalled, unreachable } from './network-error.ts';

export interface HttpOptions {
  /** Address of a proxy for all requests; empty: as HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment say. */
  proxy: string;
  environment?: NodeJS.ProcessEnv;
  /** A connection without a byte for so long counts as dead, milliseconds. */
  stallMs?: number;
  /** Trusted beside those of Node and of the system, PEM. */
  certificates?: readonly string[];
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Name and port of who answered, for sentences. */
  host: string;
  /** What the first server said of a file that another one sends. */
  linked: { sizeBytes: number | null; sha256: string | null };
  /** Ends early or with an error when the connection does. @throws {AppError} 'network.failed', 'aborted' */
  body(): AsyncGenerator<Buffer>;
  close(): void;
}

export interface Http {
  /**
   * Follows redirects; any status of the last server is an answer.
   *
   * @throws {AppError} 'network.failed' with `details.reason`, 'aborted'
   */
  get(url: URL, headers: Record<string, string>, signal?: AbortSignal): Promise<HttpAnswer>;
}

const maxRedirects = 5;
const defaultStallMs = 30_000;
/** Not imported: to an import Node shows also the web sockets of `http`, and loads 60 ms of code for them at each start. */
const http = process.getBuiltinModule('node:http');
const https = () => process.getBuiltinModule('node:https');
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @throws {AppError} 'input.invalid' for a proxy that is no address of one we can talk to */
export function openHttp(options: HttpOptions): Http {
  const { stallMs = defaultStallMs, certificates = [] } = options;
  const proxyEnv = proxyVariables(options.proxy, options.environment ?? process.env);
  const plain = new http.Agent({ proxyEnv });
  let secure: Agent | undefined;

  /** Offices and schools often look into TLS with certificates only the system knows. */
  function secureAgent(): Agent {
    const tls = process.getBuiltinModule('node:tls');
    const ca = [...tls.getCACertificates('default'), ...tls.getCACertificates('system'), ...certificates];
    // Made once: reading some hundred certificates for every connection would take longer than the connection.
    return (secure ??= new (https().Agent)({
      proxyEnv,
      secureContext: tls.createSecureContext({ ca: [...new Set(ca)] }),
    }));
  }

  function ask(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const answer = Promise.withResolvers<IncomingMessage>();
    const module = url.protocol === 'https:' ? https() : http;
    const request = module.get(url, {
      agent: url.protocol === 'https:' ? secureAgent() : plain,
      // The length is compared with what arrives, so nothing may be packed on the way.
      headers: { 'User-Agent': 'Labelwright', Accept: '*/*', 'Accept-Encoding': 'identity', ...headers },
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => request.destroy(stalled(url.host, stallMs)), stallMs);
    request.on('response', answer.resolve);
    request.on('error', answer.reject);
    return answer.promise
      .finally(() => clearTimeout(timer))
      .catch((thrown: unknown) => {
        throw networkError(thrown, blamed(thrown, url, proxyEnv), signal);
      });
  }

  return {
    async get(start, headers, signal) {
      let url = start;
      const linked: HttpAnswer['linked'] = { sizeBytes: null, sha256: null };
      for (let count = 0; ; count++) {
        const response = await ask(url, headers, signal);
        const status = response.statusCode ?? 0;
        readLinked(response.headers, linked);
        if (!redirects.has(status)) return toAnswer(response, status, url.host, linked, stallMs, signal);
        response.destroy();
        if (count === maxRedirects) throw unreachable('redirect', url.host, `${start.host} sends us round in circles`);
        url = redirected(url, response.headers.location);
      }
    },
  };
}

function toAnswer(
  response: IncomingMessage,
  status: number,
  host: string,
  linked: HttpAnswer['linked'],
  stallMs: number,
  signal: AbortSignal | undefined,
): HttpAnswer {
  const body = collectBody(response, host);
  return {
    status,
    headers: response.headers,
    host,
    linked,
    body: () => body.read(stallMs, signal),
    close: () => void response.destroy(),
  };
}

/** Who could not be reached: the server, or the proxy before it. */
function blamed(thrown: unknown, { protocol, host }: URL, proxyEnv: ProxyVariables): string {
  const proxy = URL.parse(protocol === 'https:' ? proxyEnv.HTTPS_PROXY : proxyEnv.HTTP_PROXY);
  const { hostname, port } = thrown as { hostname?: string; port?: number };
  if (!proxy) return host;
  return hostname === proxy.hostname || port === Number(proxy.port || 80) ? `the proxy ${proxy.host}` : host;
}

/** @throws {AppError} 'network.failed' for an address nobody may be sent to */
function redirected(from: URL, location: string | undefined): URL {
  const to = location === undefined ? null : URL.parse(location, from.href);
  const known = to?.protocol === 'https:' || to?.protocol === 'http:';
  if (!to || !known) throw unreachable('redirect', from.host, `${from.host} redirects to no address we can follow`);
  if (from.protocol === 'https:' && to.protocol === 'http:' && !isLoopback(to)) {
    throw unreachable('redirect', from.host, `${from.host} redirects to ${to.host} without encryption`);
  }
  return to;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Hugging Face states size and SHA-256 of large files in the answer that redirects to its storage.
 * Source: huggingface_hub/constants.py, X-Linked-Size and X-Linked-Etag; the latter is the SHA-256 for LFS files.
 */
function readLinked(headers: IncomingHttpHeaders, linked: HttpAnswer['linked']): void {
  const size = headers['x-linked-size'];
  const hash = headers['x-linked-etag'];
  if (typeof size === 'string' && /^\d+$/.test(size)) linked.sizeBytes = Number(size);
  if (typeof hash === 'string') linked.sha256 = /^"?([0-9a-f]{64})"?$/.exec(hash)?.[1] ?? linked.sha256;
}
