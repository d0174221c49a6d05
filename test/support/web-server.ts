/** @file A web server on this machine that serves one file, well or badly, and proxies. */
import { readFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** How one request is answered; nothing set: as a good server does, with Range, If-Range and ETag. */
export interface Behaviour {
  status?: number;
  headers?: Record<string, string>;
  /** Instead of the server's file. */
  bytes?: Uint8Array;
  etag?: string | null;
  ignoreRange?: boolean;
  /** The answer to a Range begins this much later than asked for. */
  shiftRange?: number;
  /** Stated length; null: none is stated, the end is the end of the connection. */
  contentLength?: number | null;
  chunked?: boolean;
  /** The connection breaks after so many bytes of the body. */
  dropAfter?: number;
  /** Nothing more comes after so many bytes of the body. */
  stallAfter?: number;
  /** Between pieces of 64 kB, milliseconds. */
  pauseMs?: number;
  /** The connection breaks without an answer. */
  hangUp?: boolean;
}

export interface WebServer {
  origin: string;
  port: number;
  requests: { url: string; headers: IncomingHttpHeaders }[];
  close: () => Promise<void>;
}

const folder = new URL('../fixtures/tls/', import.meta.url);
export const certificate = readFileSync(new URL('cert.pem', folder), 'utf8');

/** @param script  one behaviour a request; the last one stays */
export async function serveFile(
  bytes: Uint8Array,
  script: Behaviour[] = [{}],
  { secure = false }: { secure?: boolean } = {},
): Promise<WebServer> {
  const requests: WebServer['requests'] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const behaviour = script[Math.min(requests.length, script.length - 1)]!;
    requests.push({ url: request.url ?? '', headers: request.headers });
    void respond(request, response, { bytes, ...behaviour }).catch(() => response.destroy());
  };
  const server = secure
    ? https.createServer({ key: readFileSync(new URL('key.pem', folder)), cert: certificate }, answer)
    : http.createServer(answer);
  return listen(server, requests, secure ? 'https' : 'http');
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour & { bytes: Uint8Array },
): Promise<void> {
  const { bytes, etag = '"one"' } = behaviour;
  if (behaviour.hangUp) return void request.socket.destroy();
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const current = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const useRange = range && current && !behaviour.ignoreRange && behaviour.status === undefined;
  const from = useRange ? Number(range[1]) + (behaviour.shiftRange ?? 0) : 0;
  if (useRange && from >= bytes.length) {
    return void response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
  }
  const body = bytes.subarray(from);
  const { contentLength = body.length } = behaviour;
  // Without a length Node would cut the body into chunks that show where it ends.
  if (contentLength === null && !behaviour.chunked) response.useChunkedEncodingByDefault = false;
  response.writeHead(behaviour.status ?? (useRange ? 206 : 200), {
    ...(etag !== null && { ETag: etag }),
    ...(useRange && { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    ...(contentLength !== null && !behaviour.chunked && { 'Content-Length': contentLength }),
    ...(contentLength === null && !behaviour.chunked && { Connection: 'close' }),
    ...behaviour.headers,
  });
  await send(response, body, behaviour);
}

const pieceBytes = 64 * 1024;

async function send(response: ServerResponse, body: Uint8Array, behaviour: Behaviour): Promise<void> {
  const { dropAfter = Infinity, stallAfter = Infinity, pauseMs = 0 } = behaviour;
  for (let done = 0; done < body.length;) {
    const end = Math.min(body.length, done + pieceBytes, dropAfter, stallAfter);
    await new Promise<void>((resolve) => response.write(body.subarray(done, end), () => resolve()));
    done = end;
    if (done >= dropAfter) {
      await sleep(20); // so that what was written gets out
      return void response.destroy();
    }
    if (done >= stallAfter) return;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  response.end();
}

export interface Proxy extends WebServer {
  /** 'CONNECT host:port' and 'GET http://…'. */
  seen: string[];
}

/** Lets everything through, or, with a status, nothing. */
export async function serveProxy(refusal?: number): Promise<Proxy> {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const onward = http.get(request.url!, { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = net.connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { ...(await listen(server, [], 'http')), seen };
}

async function listen(
  server: http.Server | https.Server,
  requests: WebServer['requests'],
  protocol: string,
): Promise<WebServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { origin: `${protocol}://127.0.0.1:${port}`, port, requests, close };
}
