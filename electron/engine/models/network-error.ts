/** @file What went wrong with a connection, as one sentence and a reason to decide by. */
import { AppError } from '#core/errors.ts';

/**
 * `details.reason` of 'network.failed'.
 * 'offline': nobody answers there; 'dropped', 'stalled', 'busy': worth another try; the others would only fail again.
 */
export type NetworkReason =
  'offline' | 'dropped' | 'stalled' | 'busy' | 'proxy' | 'certificate' | 'redirect' | 'refused' | 'protocol';

export function unreachable(
  reason: NetworkReason,
  host: string,
  message: string,
  more: { cause?: unknown; details?: Record<string, unknown> } = {},
): AppError {
  return new AppError('network.failed', message, { details: { reason, host, ...more.details }, cause: more.cause });
}

export function stalled(host: string, stallMs: number): AppError {
  return unreachable('stalled', host, `${host} sent nothing for ${Math.round(stallMs / 1000)} seconds`);
}

/** Names that do not resolve, machines that do not answer. Source: errno(3), getaddrinfo(3). */
const offline: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
]);

/** Source: OpenSSL's X509_V_ERR_*, as Node names them. */
const certificate = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

/** Whatever Node threw while talking to `host`. */
export function networkError(thrown: unknown, host: string, signal: AbortSignal | undefined): AppError {
  if (thrown instanceof AppError) return thrown;
  if (signal?.aborted) return new AppError('aborted', 'The download was stopped', { cause: thrown });
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  const more = { cause: thrown, details: { errno: code } };
  if (offline.has(code)) {
    return unreachable('offline', host, `No connection to ${host} (${code}): is there a network?`, more);
  }
  if (certificate.test(code)) {
    return unreachable('certificate', host, `The certificate of ${host} is not trusted (${code})`, more);
  }
  if (code === 'ERR_PROXY_TUNNEL')
    return unreachable('proxy', host, `The proxy does not let us through to ${host}`, more);
  if (code.startsWith('HPE_')) return unreachable('protocol', host, `${host} does not speak HTTP (${code})`, more);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return unreachable('protocol', host, `${host} does not speak TLS (${code})`, more);
  }
  return unreachable('dropped', host, `The connection to ${host} broke off (${code || message})`, more);
}
