/** @file `labelwright models download <entry-id>`: published weights become a model to label with. */
import type { Command } from 'commander';
import type { DownloadProgress } from '#core/catalogue.ts';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { EngineProcess } from '#host';
import { bytesOf, openDownloadBar, type DownloadBar } from '../download-progress.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openLibrary } from '../library.ts';
import * as option from '../options.ts';
import { tell } from '../output.ts';
import type { ProgressOptions } from '../progress.ts';

interface DownloadOptions extends ProgressOptions {
  acceptLicence: boolean;
  mirror: string;
  proxy: string;
  library?: string;
}

export function addModelsDownloadCommand(models: Command): void {
  models
    .command('download')
    .description('fetch published weights and make a model of them')
    .argument('<entry-id>', 'as `labelwright models catalogue` lists them')
    .option('--accept-licence', 'agree that weights marked non-commercial are not used commercially', false)
    .option('--mirror <address>', 'server that has copies, e.g. https://mirror.example/models', '')
    .option('--proxy <address>', 'HTTP proxy (default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment)', '')
    .addOption(option.libraryOption())
    .addOption(option.quietOption())
    .addOption(option.progressEveryOption())
    .addHelpText(
      'after',
      `
What has arrived is kept: after Ctrl-C or without a network the same command goes on where it stopped.

Exit codes: 0 the model is there, 2 it could not be fetched or used, 75 the library is in use, 130 stopped by Ctrl-C.

Examples:
  labelwright models download timm.resnext50-32x4d.a1h-in1k
  labelwright models download timm.resnext50-32x4d.fb-swsl-ig1b-ft-in1k --accept-licence`,
    )
    .action(async (entryId: string, options: DownloadOptions) => {
      process.exitCode = await download(entryId, options);
    });
}

async function download(entryId: string, options: DownloadOptions): Promise<number> {
  await using engine = await openLibrary(options.library);
  const interrupted = onInterrupt(engine);
  const bar = openDownloadBar(options);
  const end = await follow(engine, entryId, options, bar, interrupted).finally(() => bar.stop());
  if (end.state === 'cancelled') {
    if (!options.quiet) tell(`Stopped at ${bytesOf(end)}. The same command goes on where it stopped.`);
    return exitCodes.interrupted;
  }
  if (end.state === 'failed') {
    const { code, message, byHand } = end.error ?? { code: 'internal', message: 'The download failed', byHand: null };
    throw new AppError(code as ErrorCode, byHand === null ? message : `${message} ${byHand}`);
  }
  if (!options.quiet) {
    tell(`SHA-256 of the file: ${end.sha256}`);
    tell(`Added ${end.entryId}. Label with it: labelwright label <folder> --model ${end.entryId}`);
  }
  return exitCodes.ok;
}

/** @returns the last progress; the first Ctrl-C stops the download, not us */
async function follow(
  engine: EngineProcess,
  typedId: string,
  { acceptLicence, mirror, proxy }: DownloadOptions,
  bar: DownloadBar,
  interrupted: AbortSignal,
): Promise<DownloadProgress> {
  const end = Promise.withResolvers<DownloadProgress>();
  end.promise.catch(() => {}); // it may fail while nobody waits yet
  // The id may be typed as its publisher writes it; nothing else is fetched by this engine.
  let entryId = typedId;

  async function begin(): Promise<void> {
    await engine.call('engine.configure', {
      threads: 0,
      batchSize: 0,
      provider: 'cpu',
      proxy,
      mirror,
      gentle: false,
      thumbnails: false,
    });
    await engine.call('downloads.start', { entryId: typedId, licenceAccepted: acceptLicence });
    // Ctrl-C may have come before there was anything to cancel.
    if (interrupted.aborted) stop();
  }
  const stop = () => void engine.call('downloads.cancel', { entryId }).catch(end.reject);
  const forget = [
    engine.on('download.progress', (progress) => {
      entryId = progress.entryId;
      bar.show(progress);
      if (['finished', 'failed', 'cancelled'].includes(progress.state)) end.resolve(progress);
    }),
    engine.on('engine.state', ({ state }) => {
      if (state === 'ready') begin().catch(end.reject);
      if (state === 'down') end.reject(new AppError('engine.down', 'The engine stopped and did not come back'));
    }),
  ];
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    // A call the engine dies over is made again when it is back.
    begin().catch((thrown: unknown) => {
      const { code, message } = AppError.from(thrown);
      if (code === 'licence.required') end.reject(new AppError(code, `${message}: add --accept-licence`));
      else if (code !== 'engine.down') end.reject(thrown);
    });
    return await end.promise;
  } finally {
    interrupted.removeEventListener('abort', stop);
    for (const off of forget) off();
  }
}
