/** @file Options several commands share, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { categoryLevels } from '#core/category.ts';
import { defaultExportOptions, pathModes, reviewChoices } from '#core/export-options.ts';
import { fromHere } from './places.ts';

/** @returns a parser for `new Option(…).argParser(…)` */
function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function score(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 3600) return value;
  throw new InvalidArgumentError('Expected seconds from 0 to 3600.');
}

export const libraryOption = () =>
  new Option('--library <file>', "library file (default: the desktop app's own)").argParser(fromHere);
export const jsonOption = (what: string) => new Option('--json', `print JSON Lines on stdout, one object per ${what}`);
export const quietOption = () => new Option('--quiet', 'print nothing but errors').default(false);
export const topKOption = (count: number) =>
  new Option('--top-k <count>', 'labels per picture, best first').argParser(wholeNumber(1, 100)).default(count);
export const scoreOption = (flags: string) =>
  new Option(flags, 'leave out labels below this score, 0 to 1').argParser(score).default(0);
export const includeOption = () =>
  new Option('--include <what>', 'both: decisions, and predictions where there is no decision')
    .choices(['predictions', 'decisions', 'both'])
    .default(defaultExportOptions.include);
export const dialectOption = () =>
  new Option('--dialect <name>', 'CSV for scripts (data) or for Excel and LibreOffice (spreadsheet)')
    .choices(['data', 'spreadsheet'])
    .default(defaultExportOptions.dialect);
export const pathsOption = () =>
  new Option('--paths <mode>', 'files: pictures named below their folder, or from the root of the disk')
    .choices(pathModes)
    .default('relative');
export const levelOption = () =>
  new Option('--level <level>', 'labels as they are, their parents, or the top of the tree; scores are added up')
    .choices(categoryLevels)
    .default(defaultExportOptions.level);
export const reviewOption = () =>
  new Option(
    '--review <which>',
    'pictures a person decided, did not decide, was unsure about or skipped; --only-reviewed is short for decided',
  ).choices(reviewChoices);
/** Percent for training, validation and testing, in this order. */
export const splitOption = () =>
  new Option('--split <shares>', 'folders: percent for train,val,test, for example 80,10,10').argParser((text) => {
    const shares = text.split(',').map(Number);
    const [train = NaN, val = NaN, test = 0, more] = shares;
    const isRight =
      more === undefined && shares.every((share) => share >= 0) && Math.abs(train + val + test - 100) < 1e-6;
    if (!isRight) throw new InvalidArgumentError('Expected two or three numbers that add up to 100, such as 80,10,10.');
    return { train: train / 100, val: val / 100, test: test / 100 };
  });
export const seedOption = () =>
  new Option('--seed <number>', 'folders: another split of the same shares')
    .argParser(wholeNumber(0, 0xffff_ffff))
    .default(1);
export const seedsOption = () =>
  new Option('--seeds <count>', 'how often each number is measured, every time with other examples')
    .argParser(wholeNumber(1, 100))
    .default(10);
export const fileOption = (flags: string, what: string) => new Option(flags, what).argParser(fromHere);
export const progressEveryOption = () =>
  new Option('--progress-every <seconds>', 'how often to tell progress where stderr is not a terminal')
    .argParser(seconds)
    .default(5);
