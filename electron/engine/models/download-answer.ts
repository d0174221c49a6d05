/** @file What a server's answer promises, checked against what was asked for and what is known of the file. */
import { AppError } from '#core/errors.ts';
import type { DownloadRequest } from './download.ts';
import type { HttpAnswer } from './http.ts';
import { unreachable } from './network-error.ts';
import type { PartFile } from './part-file.ts';

export interface Promised {
  /** All of it is here already; the body is of no interest. */
  complete: boolean;
  /** Where in the file the body begins. */
  from: number;
  /** Of the whole file; null when the server does not say. */
  totalBytes: number | null;
  /** For If-Range; null when this version of the file cannot be told from another. */
  validator: string | null;
  /** As the server states it. */
  sha256: string | null;
}

/** Statuses that pass. Source: RFC 9110 and 6585; 425 is RFC 8470. */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * @throws {AppError} 'network.failed' with `details.reason`, 'download.corrupt' if it cannot be the file
 */
export function readAnswer(answer: HttpAnswer, part: PartFile, request: DownloadRequest): Promised {
  const { status, headers, host, linked } = answer;
  if (status === 416 && part.sizeBytes > 0) return afterEnd(answer, part);
  if (status !== 200 && status !== 206) throw refused(answer, request);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw unreachable('protocol', host, `${host} sends the file packed, which was not asked for`);
  }
  // Sign-in pages of hotels, error pages of offices.
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) {
    throw new AppError('download.corrupt', `${host} sends a web page instead of the file`);
  }
  const promised = { complete: false, validator: validatorOf(answer), sha256: linked.sha256 };
  const range = status === 206 ? readRange(headers['content-range']) : null;
  if (status === 206 && !range)
    throw unreachable('protocol', host, `${host} does not say which piece of the file it sends`);
  const totalBytes = range ? range.totalBytes : readLength(headers['content-length']);
  checkTotal(totalBytes, answer, request);
  const sameVersion = part.note.validator === null || part.note.validator === promised.validator;
  const sameLength = part.note.totalBytes === null || totalBytes === null || part.note.totalBytes === totalBytes;
  // A piece of another version: taken as a wrong place, so that everything is asked for again.
  const from = range ? (sameVersion && sameLength ? range.from : -1) : 0;
  return { ...promised, from, totalBytes };
}

/** We asked for what comes after the end: either all is here, or the file has become shorter. */
function afterEnd({ headers }: HttpAnswer, part: PartFile): Promised {
  const total = /^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  if (Number(total) === part.sizeBytes && (part.note.totalBytes ?? part.sizeBytes) === part.sizeBytes) {
    return { ...part.note, complete: true, from: part.sizeBytes, totalBytes: part.sizeBytes };
  }
  return { complete: false, from: -1, totalBytes: null, validator: null, sha256: null };
}

function refused({ status, headers, host }: HttpAnswer, { url }: DownloadRequest): AppError {
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  if (passing.has(status)) {
    const retryAfterMs = readRetryAfter(headers['retry-after']);
    const wait = retryAfterMs === null ? '' : ` and asks to wait ${Math.ceil(retryAfterMs / 1000)} seconds`;
    const message = `${host} is too busy at the moment (status ${status})${wait}`;
    return unreachable('busy', host, message, { details: { status, ...(retryAfterMs !== null && { retryAfterMs }) } });
  }
  const details = { status };
  if (status === 404 || status === 410) {
    return unreachable('refused', host, `${host} has no file ${name} (status ${status})`, { details });
  }
  if (status === 407)
    return unreachable('proxy', host, 'The proxy wants a name and a password (status 407)', { details });
  return unreachable('refused', host, `${host} does not hand out ${name} (status ${status})`, { details });
}

/** @throws {AppError} 'download.corrupt' */
function checkTotal(totalBytes: number | null, { host, linked }: HttpAnswer, request: DownloadRequest): void {
  if (totalBytes === null) return;
  const { expectedBytes, minBytes = 0, maxBytes } = request;
  const expected = expectedBytes ?? linked.sizeBytes;
  const offers = `${host} offers a file of ${describeBytes(totalBytes)}`;
  if (expected !== null && totalBytes !== expected) {
    throw new AppError('download.corrupt', `${offers}, it should have ${describeBytes(expected)}`);
  }
  if (totalBytes > maxBytes)
    throw new AppError('download.corrupt', `${offers}, at most ${describeBytes(maxBytes)} can be it`);
  if (totalBytes < minBytes)
    throw new AppError('download.corrupt', `${offers}, it should have ${describeBytes(minBytes)} or more`);
}

/** A weak ETag promises the same meaning, not the same bytes, so it is none for If-Range (RFC 9110, 8.8.1). */
function validatorOf({ headers }: HttpAnswer): string | null {
  const { etag, 'last-modified': date } = headers;
  if (etag !== undefined && /^"[^"]*"$/.test(etag)) return etag;
  return date !== undefined && !Number.isNaN(Date.parse(date)) ? date : null;
}

function readRange(text: string | undefined): { from: number; totalBytes: number | null } | null {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text ?? '');
  return match ? { from: Number(match[1]), totalBytes: match[2] === '*' ? null : Number(match[2]) } : null;
}

function readLength(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function readRetryAfter(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** '12 bytes', '95.8 MB', '3.32 GB' */
export function describeBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 1e9 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
