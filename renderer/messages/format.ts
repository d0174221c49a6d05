/** @file Numbers, sizes, dates and paths as a person of one language reads them. */

export type Format = ReturnType<typeof formatFor>;

export function formatFor(locale: string) {
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const rate = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent' });
  const finePercent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const fourDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const hundredths = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const shareBelow = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    roundingMode: 'floor',
  });
  const fineShare = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumSignificantDigits: 1,
    roundingMode: 'ceil',
  });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const plural = new Intl.PluralRules(locale);

  const unit = (value: number, name: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);

  return {
    count: (value: number) => integer.format(value),
    /** @param share in [0, 1] */
    percent: (share: number) => percent.format(share),
    finePercent: (share: number) => finePercent.format(share),
    /** For columns of numbers, so that their points stand below each other. */
    figure: (value: number) => (value < 100 ? tenths.format(value) : integer.format(value)),
    hundredths: (value: number) => hundredths.format(value),
    /** Four digits and a letter: '25.03 M'. */
    scaled(value: number): string {
      const [divisor, letter] =
        value < 1e3 ? [1, ''] : value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
      return letter ? `${fourDigits.format(value / divisor)} ${letter}` : integer.format(value);
    },
    /** An upper bound, one digit of it. @param share in [0, 1] */
    difference: (share: number) => fineShare.format(Math.max(1e-5, share)),
    /** Rounded down: what misses a bound never looks as if it reached it. @param share in [0, 1] */
    shareBelow: (share: number) => shareBelow.format(share),
    rate: (value: number) => (value < 10 ? rate.format(value) : integer.format(Math.round(value))),
    date: (milliseconds: number) => date.format(milliseconds),

    size(bytes: number): string {
      if (bytes < 1000) return `${integer.format(bytes)} B`;
      if (bytes < 1e6) return unit(bytes / 1e3, 'kilobyte');
      if (bytes < 1e9) return unit(bytes / 1e6, 'megabyte', 1);
      return unit(bytes / 1e9, 'gigabyte', 1);
    },

    /** Coarse on purpose: a guess to the second would only flicker. */
    duration(seconds: number): string {
      if (seconds < 60) return unit(Math.max(1, Math.ceil(seconds)), 'second');
      if (seconds < 5400) return unit(Math.round(seconds / 60), 'minute');
      return unit(seconds / 3600, 'hour', 1);
    },

    /** The form of a noun for a number: `one` or `other`. */
    plural: (value: number, one: string, other: string) => (plural.select(value) === 'one' ? one : other),
  };
}

/** Shorten a path in the middle, keeping the root and the last folder. */
export function shortPath(path: string, limit = 34): string {
  if (path.length <= limit) return path;
  const parts = path.split(/(?<=[/\\])/);
  const last = parts.at(-1) ?? path;
  const head = parts[0] === '/' ? '/' + (parts[1] ?? '') : (parts[0] ?? '');
  if (head.length + last.length + 2 < limit) return `${head}…/${last}`;
  return `…${last.slice(-(limit - 1))}`;
}
