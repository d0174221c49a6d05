/** @file ExifTool in processes of its own, which read and write the four keyword fields and leave the rest alone. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, extname, join } from 'node:path';
import type * as Library from 'exiftool-vendored';
import { AppError } from '#core/errors.ts';
import { fieldFacts, fieldNames, noFields, type Fields } from './words.ts';

export interface ExifTool extends AsyncDisposable {
  /** @throws {AppError} 'export.failed' if Perl is missing */
  check(): Promise<void>;
  /**
   * @param paths  absolute
   * @returns      the fields of each; IPTC keywords of a file without any count as `subject`
   * @throws {AppError} 'export.failed' if Perl is missing or a file cannot be understood
   */
  read(paths: readonly string[]): Promise<Fields[]>;
  /**
   * Write `to`, which is not there yet: all that is in `from`, and these fields.
   *
   * @throws {AppError} 'export.failed'
   */
  write(from: string, to: string, fields: Fields): Promise<void>;
}

/** Two keep two cores busy; each takes about 40 MB. */
const processLimit = 2;
/** Of one request, milliseconds: a TIFF file of half a gigabyte on a slow disk. */
const taskTimeoutMs = 120_000;

/** Requests are lines, and `%` is a place holder in names of files to be written. */
const oddPath = /[\r\n%]|^\s|\s$/;

export function openExifTool(): ExifTool {
  let started: Promise<{ library: typeof Library; tool: Library.ExifTool }> | undefined;
  let links: Promise<string> | undefined;
  let unusable: AppError | undefined;

  const start = () =>
    (started ??= (async () => {
      const library = await import('exiftool-vendored');
      // Its own search would fall back to whatever else is installed.
      const exiftoolPath = createRequire(import.meta.url)(
        `exiftool-vendored.${process.platform === 'win32' ? 'exe' : 'pl'}`,
      ) as string;
      // Without a configuration of the person's, which may change what tags mean.
      const args = ['-config', '', ...library.DefaultExiftoolArgs];
      const [program, ...rest] =
        process.platform === 'win32' ? [exiftoolPath, ...args] : [await findPerl(), exiftoolPath, ...args];
      const tool = new library.ExifTool({
        exiftoolPath,
        maxProcs: processLimit,
        taskTimeoutMillis: taskTimeoutMs,
        taskRetries: 0,
        checkPerl: false,
        processFactory: () => spawn(program, rest, { stdio: 'pipe', env: { LANG: 'C' } }),
      });
      return { library, tool };
    })());

  async function ask<Answer>(args: string[], parse: (output: string, error?: Error) => Answer): Promise<Answer> {
    if (unusable) throw unusable;
    try {
      const { library, tool } = await start();
      class Request extends library.ExifToolTask<Answer> {
        protected override parse(output: string, error?: Error): Answer {
          return parse(output, error);
        }
      }
      const names = process.platform === 'win32' ? ['-charset', 'filename=utf8'] : [];
      return await tool.enqueueTask(() => new Request([...names, ...args], { ignoreMinorErrors: true }));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.details['missing']) unusable = error;
      throw error;
    }
  }

  /** A name without odd characters for a file whose folders or name have some. */
  async function plainPath(path: string): Promise<string> {
    if (!oddPath.test(path)) return path;
    const folder = await (links ??= mkdtemp(join(tmpdir(), 'labelwright-links-')));
    const parent = join(folder, randomBytes(6).toString('hex'));
    if (!oddPath.test(basename(path))) {
      await symlink(dirname(path), parent, 'dir');
      return join(parent, basename(path));
    }
    const link = parent + (/^\.\w+$/.test(extname(path)) ? extname(path) : '');
    await symlink(path, link);
    return link;
  }

  return {
    check: () => ask(['-ver'], () => {}),

    async read(paths) {
      const plain = await Promise.all(paths.map(plainPath));
      const tags = [...fieldNames.map((name) => `-${fieldFacts[name].tag}`), '-IPTC:Keywords', '-Error'];
      // Without JSONQ the word 1.10 would come as the number 1.1.
      const args = ['-json', '-G1', '-api', 'StructFormat=JSONQ', ...tags, ...plain];
      return ask(args, (output, error) => {
        const found = parseRead(output);
        return plain.map((path) => {
          const one = found.get(path);
          if (!one) throw error ?? new Error('nothing was told about the file');
          if (typeof one === 'string') throw new Error(one);
          return one;
        });
      });
    },

    async write(from, to, fields) {
      const values = fieldNames.flatMap((name) => {
        const { tag } = fieldFacts[name];
        const words = fields[name].map((word) => `-${tag}=${escaped(word)}`);
        return words.length > 0 ? words : [`-${tag}=`];
      });
      const args = ['-E', ...values, '-o', await plainPath(to), await plainPath(from)];
      await ask(args, (output, error) => {
        if (error) throw error;
        if (!/1 image files? (?:created|updated|copied)/.test(output)) {
          throw new Error(output.trim().split('\n').at(-1) || 'ExifTool wrote nothing');
        }
      });
    },

    async [Symbol.asyncDispose]() {
      const running = await started?.catch(() => undefined);
      await running?.tool.end(false);
      const folder = await links?.catch(() => undefined);
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @throws {AppError} 'export.failed' */
async function findPerl(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'perl');
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw withoutPerl();
}

function withoutPerl(cause?: unknown): AppError {
  const message = 'Perl is needed to change files of other programs; please install it';
  return new AppError('export.failed', message, { details: { missing: 'perl' }, cause });
}

/** @returns by path; a text says what is wrong with the file */
function parseRead(output: string): Map<string, Fields | string> {
  const found = new Map<string, Fields | string>();
  if (!output.trim()) return found;
  for (const tags of JSON.parse(output) as Record<string, unknown>[]) {
    const fields = noFields();
    for (const name of fieldNames) fields[name] = words(tags[fieldFacts[name].tag]);
    if (fieldNames.every((name) => fields[name].length === 0)) fields.subject = words(tags['IPTC:Keywords']);
    const wrong = tags['ExifTool:Error'];
    found.set(String(tags['SourceFile']), typeof wrong === 'string' ? wrong : fields);
  }
  return found;
}

/** A list of one comes as it is. */
function words(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(list.map(String).filter((word) => word !== ''))];
}

/** As `-E` reads it: a request is one line, and an entity starts with `&`. */
function escaped(word: string): string {
  return word.replaceAll(/[&\r\n\t]|^\s|\s$/g, (character) => `&#${character.charCodeAt(0)};`);
}

function toAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/Can't locate \S+ in @INC/i.test(text)) return withoutPerl(cause);
  return new AppError('export.failed', `ExifTool: ${text.split('\n')[0]!.replace(/^error:\s*/i, '')}`, { cause });
}
