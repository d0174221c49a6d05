/** @file Progress of making a model faster on stderr: a bar in a terminal, a line now and then elsewhere. */
import type { OptimizeProgress } from '#core/model.ts';
import { tell } from './output.ts';
import { duration, type ProgressOptions } from './progress.ts';
import { newBar } from './bar.ts';

export interface OptimizeBar {
  show(progress: OptimizeProgress): void;
  /** Take the bar away. */
  stop(): void;
}

const stages: Partial<Record<OptimizeProgress['stage'], string>> = {
  reading: 'Reading photos',
  calibrating: 'Measuring ranges',
  choosing: 'Trying ways',
  checking: 'Checking',
  timing: 'Timing',
};

export function openOptimizeBar({ quiet, progressEvery }: ProgressOptions): OptimizeBar {
  if (quiet) return { show() {}, stop() {} };
  const pace = paceMeter();
  return process.stderr.isTTY ? openBar(pace) : openLines(progressEvery, pace);
}

type Pace = (progress: OptimizeProgress) => string;

function openBar(pace: Pace): OptimizeBar {
  const bar = newBar('{stage} {bar} {percentage}%  {value} of {total}{pace}');
  let active = false;
  return {
    show(progress) {
      const stage = stages[progress.stage];
      if (stage === undefined) return;
      const payload = { stage: stage.padEnd(16), pace: pace(progress) };
      if (!active) bar.start(progress.total, progress.done, payload);
      active = true;
      bar.setTotal(progress.total);
      bar.update(progress.done, payload);
    },
    stop() {
      if (active) bar.stop();
      active = false;
    },
  };
}

function openLines(everySeconds: number, pace: Pace): OptimizeBar {
  let toldMs = performance.now();
  let last: string | undefined;
  return {
    show(progress) {
      const stage = stages[progress.stage];
      const suffix = pace(progress);
      const nowMs = performance.now();
      if (stage === undefined || (stage === last && nowMs - toldMs < everySeconds * 1000)) return;
      toldMs = nowMs;
      last = stage;
      tell(`${stage}: ${progress.done} of ${progress.total}${suffix}`);
    },
    stop() {},
  };
}

/** @returns what to write behind the counts: how many a second in this stage, and what is left of the whole */
function paceMeter(): Pace {
  let stage: OptimizeProgress['stage'] | null = null;
  let startedMs = 0;
  return (progress) => {
    if (progress.stage !== stage) {
      stage = progress.stage;
      startedMs = performance.now();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const rate = progress.done > 0 && seconds > 1 ? `  ${(progress.done / seconds).toFixed(1)}/s` : '';
    return progress.secondsLeft === null ? rate : `${rate}, ${duration(progress.secondsLeft)} left`;
  };
}
