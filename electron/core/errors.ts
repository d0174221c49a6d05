/** @file The one error class of the app. It survives thread, process and JSON boundaries. */

/** Stable, machine-readable. Every code has a sentence in `renderer/messages`; nothing ever matches on `message`. */
export const errorCodes = [
  'input.invalid',
  'image.unreadable',
  'image.unsupported',
  'image.damaged',
  'image.too-large',
  'image.extreme-shape',
  'image.timeout',
  'image.crashed',
  'file.missing',
  'file.denied',
  'file.not-regular',
  'file.bad-name',
  'file.too-large',
  'file.link-outside',
  'folder.unreadable',
  'folder.missing',
  'folder.loop',
  'folder.too-deep',
  'model.not-found',
  'model.corrupt',
  'model.invalid',
  'model.unsupported',
  'model.not-own',
  'model.too-few-photos',
  'provider.failed',
  'network.failed',
  'download.corrupt',
  'licence.required',
  'inference.failed',
  'store.from-future',
  'store.locked',
  'store.corrupt',
  'store.failed',
  'export.failed',
  'disk.full',
  'engine.down',
  'not-found',
  'busy',
  'aborted',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An `AppError` as plain data, for JSON. */
export interface SerializedError {
  code: ErrorCode;
  message: string;
  details: Record<string, unknown>;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Anything thrown, as an `AppError`; foreign errors become 'internal' with their message kept. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    if (thrown instanceof Error) {
      const errno = (thrown as { code?: unknown }).code;
      const code = errno === 'ENOSPC' || errno === 'SQLITE_FULL' ? 'disk.full' : 'internal';
      return new AppError(code, thrown.message, { cause: thrown });
    }
    return new AppError('internal', String(thrown));
  }

  serialize(): SerializedError {
    return { code: this.code, message: this.message, details: this.details };
  }

  static deserialize({ code, message, details }: SerializedError): AppError {
    return new AppError(code, message, { details });
  }
}
