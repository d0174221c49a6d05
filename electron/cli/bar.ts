/** @file The bar that all long work of the command line shows. */
import { SingleBar } from 'cli-progress';

/** @param format  in the words of cli-progress */
export function newBar(format: string): SingleBar {
  return new SingleBar({
    stream: process.stderr,
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    // Ctrl-C is ours: the work stops first, then the bar.
    gracefulExit: false,
    clearOnComplete: true,
    stopOnComplete: false,
  });
}
