/** @file Fetch one file and be sure of it: resumed after interruptions, checked, never half under its real name. */
import { mkdir, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';
import type { Http, HttpAnswer } from './http.ts';
import { hashFile } from './hash-file.ts';
import { openPart, type PartFile } from './part-file.ts';
import { describeBytes, readAnswer, type Promised } from './download-answer.ts';
import { unreachable, type NetworkReason } from './network-error.ts';

export interface DownloadRequest {
  url: URL;
  /** Absolute path; what has arrived lies beside it as `<target>.part`. */
  target: string;
  http: Http;
  /** To the byte, where published. */
  expectedBytes?: number | undefined;
  /** Nothing outside these bounds can be the file. */
  minBytes?: number;
  maxBytes: number;
  /** 64 hex digits, where published. */
  sha256?: string | null;
  /** Its first digits, where only these are. */
  sha256Prefix?: string | null;
  /** Must stay free on the disk beside the file itself. */
  spareBytes?: number;
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number | null) => void;
  /** Tries without getting further. */
  tries?: number;
  /** Before the second try, doubled before each later one, milliseconds. */
  retryMs?: number;
}

export interface Downloaded {
  sizeBytes: number;
  sha256: string;
  /** What it was compared with: the published checksum, its first digits, or what the server itself states. */
  checkedBy: 'sha256' | 'sha256-prefix' | 'server' | 'size' | null;
}

/** A try that brought so much more counts as progress, so that a long download over a poor line comes to an end. */
const progressBytes = 1024 * 1024;
/** A server that wants more patience is told to the person instead, milliseconds. */
const maxRetryAfterMs = 60_000;
const worthAnotherTry: ReadonlySet<NetworkReason> = new Set(['offline', 'dropped', 'stalled', 'busy']);

/**
 * @throws {AppError} 'network.failed', 'download.corrupt' (nothing of it is kept), 'disk.full', 'file.denied',
 *   'aborted' (all but the corrupt can be gone on with later)
 */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  const { url, target, signal, tries = 5, retryMs = 1000 } = request;
  const earlier = await checkWhole(request);
  if (earlier) return earlier;
  const trusted = Boolean(request.sha256 || request.sha256Prefix);
  await using part = await openPart(target, placeOf(url), trusted, signal);
  const beganAt = part.sizeBytes;
  let furthest = part.sizeBytes;
  for (let failures = 0; ;) {
    try {
      await fetchRest(part, request);
      break;
    } catch (thrown) {
      const error = AppError.from(thrown);
      const { reason, retryAfterMs } = error.details as { reason?: NetworkReason; retryAfterMs?: number };
      if (error.code === 'download.corrupt') await part.discard();
      // Without a network from the beginning, waiting would only keep the person from being told.
      const hopeless = reason === 'offline' && part.sizeBytes <= beganAt;
      if (error.code !== 'network.failed' || !reason || !worthAnotherTry.has(reason) || hopeless) throw error;
      if (part.sizeBytes - furthest >= progressBytes) failures = 0;
      furthest = Math.max(furthest, part.sizeBytes);
      failures += 1;
      if (failures >= tries || (retryAfterMs ?? 0) > maxRetryAfterMs) throw error;
      await pause(retryAfterMs ?? retryMs * 2 ** (failures - 1), signal);
    }
  }
  const checked = await check(part.sizeBytes, part.sha256(), request, part.note.sha256).catch(
    async (thrown: unknown) => {
      await part.discard();
      throw thrown;
    },
  );
  await part.finish();
  return checked;
}

/** As it may be written down: a mirror's password is not. */
function placeOf({ origin, pathname, search }: URL): string {
  return origin + pathname + search;
}

/** The file of an earlier download that nobody has used yet. */
async function checkWhole(request: DownloadRequest): Promise<Downloaded | null> {
  const { target, signal } = request;
  const stats = await stat(target).catch(() => null);
  if (!stats?.isFile()) return null;
  try {
    const hash = await hashFile(target, undefined, signal);
    return await check(stats.size, hash.digest('hex'), request, null);
  } catch (thrown) {
    if (signal?.aborted) throw new AppError('aborted', 'The download was stopped', { cause: thrown });
    return null; // replaced by what arrives
  }
}

/** One request, and its answer written behind what is there. */
async function fetchRest(part: PartFile, request: DownloadRequest): Promise<void> {
  const { url, http, signal, onProgress } = request;
  const from = part.sizeBytes;
  const { validator, totalBytes } = part.note;
  if (totalBytes !== null && from > 0 && from === totalBytes) return;
  const range: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  if (from > 0 && validator !== null) range['If-Range'] = validator;

  const answer = await http.get(url, range, signal);
  try {
    const promised = readAnswer(answer, part, request);
    if (promised.complete) return;
    const { validator: version, totalBytes: total, sha256 } = promised;
    const note = { url: placeOf(url), validator: version, totalBytes: total, sha256 };
    if (promised.from !== part.sizeBytes || from === 0) await part.restart(note);
    if (promised.from !== part.sizeBytes) {
      throw unreachable(
        'dropped',
        answer.host,
        `${answer.host} sends another piece of the file than the one asked for`,
      );
    }
    await checkSpace(part, promised, request);
    onProgress?.(part.sizeBytes, total);
    await receive(part, answer, promised, request);
  } finally {
    answer.close();
  }
}

/** @throws {AppError} 'download.corrupt' for more than was promised, 'network.failed' for less */
async function receive(part: PartFile, answer: HttpAnswer, { totalBytes }: Promised, request: DownloadRequest) {
  const limit = totalBytes ?? request.expectedBytes ?? request.maxBytes;
  for await (const chunk of answer.body()) {
    if (part.sizeBytes + chunk.length > limit) {
      throw new AppError('download.corrupt', `${answer.host} sends more than the ${describeBytes(limit)} of the file`);
    }
    await part.append(chunk);
    request.onProgress?.(part.sizeBytes, totalBytes);
  }
  const wanted = totalBytes ?? request.expectedBytes;
  if (wanted !== undefined && part.sizeBytes < wanted) {
    const arrived = `${describeBytes(part.sizeBytes)} of ${describeBytes(wanted)}`;
    throw unreachable('dropped', answer.host, `The connection to ${answer.host} broke off after ${arrived}`);
  }
}

/** @throws {AppError} 'disk.full' with `details.neededBytes` and `details.freeBytes` */
async function checkSpace(part: PartFile, { totalBytes }: Promised, { target, spareBytes = 0 }: DownloadRequest) {
  await requireSpace(dirname(target), Math.max(0, (totalBytes ?? 0) - part.sizeBytes) + spareBytes);
}

/**
 * @param folder  made when needed
 * @throws {AppError} 'disk.full' with `details.neededBytes` and `details.freeBytes`
 */
export async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  const message = `${describeBytes(neededBytes)} are needed on the disk of ${folder}, ${describeBytes(freeBytes)} are free`;
  throw new AppError('disk.full', message, { details: { neededBytes, freeBytes } });
}

/** @throws {AppError} 'download.corrupt' with both checksums */
async function check(
  sizeBytes: number,
  sha256: string,
  { sha256: published, sha256Prefix: prefix, expectedBytes, minBytes = 0, maxBytes }: DownloadRequest,
  stated: string | null,
): Promise<Downloaded> {
  const wrong = (expected: string) =>
    new AppError('download.corrupt', `What arrived has the SHA-256 ${sha256} instead of ${expected}; it was deleted`, {
      details: { sha256, expected },
    });
  if (published && sha256 !== published) throw wrong(published);
  if (prefix && !sha256.startsWith(prefix)) throw wrong(`${prefix}…`);
  if (stated && sha256 !== stated) throw wrong(stated);
  const wrongSize = expectedBytes !== undefined && sizeBytes !== expectedBytes;
  if (wrongSize || sizeBytes < minBytes || sizeBytes > maxBytes) {
    throw new AppError('download.corrupt', `What arrived has ${describeBytes(sizeBytes)} and cannot be the file`);
  }
  const checkedBy = published
    ? 'sha256'
    : prefix
      ? 'sha256-prefix'
      : stated
        ? 'server'
        : expectedBytes !== undefined
          ? 'size'
          : null;
  return { sizeBytes, sha256, checkedBy };
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
    throw new AppError('aborted', 'The download was stopped', { cause });
  });
}
