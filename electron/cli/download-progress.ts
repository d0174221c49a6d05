/** @file Progress of a download on stderr: a bar in a terminal, a line now and then elsewhere, nothing when quiet. */
import type { DownloadProgress } from '#core/catalogue.ts';
import { tell } from './output.ts';
import { duration, type ProgressOptions } from './progress.ts';
import { newBar } from './bar.ts';

export interface DownloadBar {
  show(progress: DownloadProgress): void;
  /** Take the bar away. */
  stop(): void;
}

export function openDownloadBar({ quiet, progressEvery }: ProgressOptions): DownloadBar {
  if (quiet) return { show() {}, stop() {} };
  return process.stderr.isTTY ? openBar() : openLines(progressEvery);
}

function openBar(): DownloadBar {
  const bar = newBar('Fetching {bar} {percentage}%  {bytes}{pace}');
  const clearLine = '\r\x1b[K';
  let active = false;
  const stop = () => {
    if (active) bar.stop();
    else process.stderr.write(clearLine);
    active = false;
  };
  return {
    show(progress) {
      const { state, doneBytes, totalBytes } = progress;
      if (state === 'converting') {
        stop();
        process.stderr.write(`${clearLine}Converting and trying out …`);
      }
      if (state !== 'downloading') return;
      if (totalBytes === null) {
        process.stderr.write(`${clearLine}Fetched ${megabytes(doneBytes)}${pace(progress)}`);
        return;
      }
      const payload = { bytes: bytesOf(progress), pace: pace(progress) };
      if (!active) bar.start(totalBytes, doneBytes, payload);
      active = true;
      bar.setTotal(totalBytes);
      bar.update(doneBytes, payload);
    },
    stop,
  };
}

function openLines(everySeconds: number): DownloadBar {
  let toldMs = performance.now();
  let last: DownloadProgress['state'] = 'waiting';
  return {
    show(progress) {
      const nowMs = performance.now();
      const due = nowMs - toldMs >= everySeconds * 1000;
      if (progress.state === 'downloading' && progress.doneBytes > 0 && due) {
        toldMs = nowMs;
        tell(`Fetched ${bytesOf(progress)}${pace(progress)}`);
      }
      if (progress.state === 'converting' && last !== 'converting') tell('Converting and trying out …');
      last = progress.state;
    },
    stop() {},
  };
}

/** '12.3 of 95.8 MB' */
export function bytesOf({ doneBytes, totalBytes }: DownloadProgress): string {
  return totalBytes === null ? megabytes(doneBytes) : `${(doneBytes / 1e6).toFixed(1)} of ${megabytes(totalBytes)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function pace({ bytesPerSecond, secondsLeft }: DownloadProgress): string {
  if (bytesPerSecond === null) return '';
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return `  ${(bytesPerSecond / 1e6).toFixed(1)} MB/s${left}`;
}
