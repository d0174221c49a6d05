/** @file Progress on stderr: a bar in a terminal, a line now and then elsewhere, nothing when quiet. */
import type { RunProgress, ScanProgress } from '#core/run.ts';
import { tell } from './output.ts';
import { newBar } from './bar.ts';

export interface ProgressOptions {
  quiet: boolean;
  /** Seconds between two lines where there is no terminal; 0 tells everything. */
  progressEvery: number;
}

export interface Progress {
  scan(progress: ScanProgress): void;
  /** The fastest setting is being found, which takes seconds in which nothing else happens. */
  tuning(): void;
  run(progress: RunProgress): void;
  /** Say something between two states of the bar. */
  note(sentence: string): void;
  /** Take the bar away. */
  stop(): void;
}

const tuningSentence = 'Finding the fastest setting for this machine, once: about ten seconds';

const silent: Progress = { scan() {}, tuning() {}, run() {}, note() {}, stop() {} };

export function openProgress({ quiet, progressEvery }: ProgressOptions): Progress {
  if (quiet) return silent;
  return process.stderr.isTTY ? openBar() : openLines(progressEvery);
}

function openBar(): Progress {
  const bar = newBar('Labeling {bar} {percentage}%  {value} of {total}{pace}');
  let active = false;
  const clearLine = '\r\x1b[K';
  const stop = () => {
    if (active) bar.stop();
    else process.stderr.write(clearLine);
    active = false;
  };

  return {
    scan({ found }) {
      if (!active) process.stderr.write(`${clearLine}Looking for pictures: ${found}`);
    },
    tuning() {
      if (!active) process.stderr.write(`${clearLine}${tuningSentence}`);
    },
    run(progress) {
      if (progress.total === 0) return;
      const payload = { pace: pace(progress) };
      if (active) {
        bar.setTotal(progress.total);
        bar.update(progress.done, payload);
      } else {
        process.stderr.write(clearLine);
        bar.start(progress.total, progress.done, payload);
        active = true;
      }
    },
    note(sentence) {
      stop();
      tell(sentence);
    },
    stop,
  };
}

function openLines(everySeconds: number): Progress {
  let toldMs = performance.now();
  const due = () => {
    const nowMs = performance.now();
    if (nowMs - toldMs < everySeconds * 1000) return false;
    toldMs = nowMs;
    return true;
  };
  return {
    scan({ found }) {
      if (due()) tell(`Looking for pictures: ${found}`);
    },
    tuning() {
      if (due()) tell(tuningSentence);
    },
    run(progress) {
      if (progress.total > 0 && due()) tell(`Labeled ${progress.done} of ${progress.total}${pace(progress)}`);
    },
    note: tell,
    stop() {},
  };
}

function pace({ imagesPerSecond, secondsLeft }: RunProgress): string {
  if (imagesPerSecond === null || secondsLeft === null) return '';
  return `  ${imagesPerSecond.toFixed(1)}/s, ${duration(secondsLeft)} left`;
}

/** '12 s', '3 min 20 s', '2 h 5 min' */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
