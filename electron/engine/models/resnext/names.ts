/** @file The name of an architecture in PaddleClas' words, and architectures by the names that the libraries give them. */
import type { Architecture } from './architecture.ts';

/** Bottlenecks per stage by depth. Source: arXiv 1512.03385, table 1; 26 is timm's. */
const depths = new Map<number, readonly [number, number, number, number]>([
  [26, [2, 2, 2, 2]],
  [50, [3, 4, 6, 3]],
  [101, [3, 4, 23, 3]],
  [152, [3, 8, 36, 3]],
]);

const plainStem = [64];
/** Source: PaddleClas resnext_vd.py; timm's `stem_width` 32. */
const deepStem = [32, 32, 64];

/**
 * 'ResNeXt50_32x4d', with '_vd' for a deep stem and pooled shortcuts and '_vc' for the deep stem alone. Blocks that make
 * up no known depth are listed ('ResNeXt[1,1,1,1]_8x4d'), and so are other widths of a stem
 * ('ResNeXt50_stem[24,32,64]_pool_32x4d'). The number of classes is no part of it.
 */
export function architectureName(architecture: Architecture): string {
  const { blocks, cardinality, baseWidth } = architecture;
  const depth = [...depths].find(([, known]) => sameNumbers(known, blocks))?.[0];
  return `ResNeXt${depth ?? bracketed(blocks)}${styleName(architecture)}_${cardinality}x${baseWidth}d`;
}

function styleName({ stem, stemChannels, shortcut }: Architecture): string {
  if (sameNumbers(stemChannels, stem === 'plain' ? plainStem : deepStem)) {
    if (stem === 'plain') return shortcut === 'pool' ? '_pool' : '';
    return shortcut === 'pool' ? '_vd' : '_vc';
  }
  return `_stem${bracketed(stemChannels)}${shortcut === 'pool' ? '_pool' : ''}`;
}

function sameNumbers(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function bracketed(numbers: readonly number[]): string {
  return `[${numbers.join(',')}]`;
}

const number = '[1-9]\\d{0,3}';
const canonicalPattern = new RegExp(
  `^ResNeXt(${number}|\\[(?:${number},){3}${number}\\])` +
    `(_vd|_vc|_stem\\[${number},${number},64\\])?(_pool)?_(${number})x(${number})d$`,
);
/** PaddleClas' '_wsl' and 'Fix_' say how the weights were trained, not what they are. */
const paddlePattern = /^(?:Fix_)?(ResNeXt\w*?)_wsl$/;
/** timm puts the training after a dot, and in its older names in front. */
const torchPattern = /^(?:timm\/)?(?:gluon_|ig_|ssl_|swsl_|tv_)?resnext(\d+)([cd]?)_(\d+x\d+d)(?:\.\w+)?$/;

/**
 * Reads what {@link architectureName} writes, PaddleClas' names ('ResNeXt101_32x8d_wsl'), torchvision's
 * ('resnext50_32x4d') and timm's ('resnext50d_32x4d.bt_in1k').
 *
 * @returns with 1000 classes, because names say nothing of them; null for what names no plain or vd ResNeXt
 */
export function parseArchitecture(name: string): Architecture | null {
  const torch = torchPattern.exec(name);
  const style = { c: '_vc', d: '_vd' }[torch?.[2] ?? ''] ?? '';
  const canonical = torch ? `ResNeXt${torch[1]}${style}_${torch[3]}` : (paddlePattern.exec(name)?.[1] ?? name);
  const match = canonicalPattern.exec(canonical);
  if (!match) return null;

  const [, depth = '', stem = '', pool, cardinality, baseWidth] = match;
  const blocks = depth.startsWith('[')
    ? (numbersIn(depth) as [number, number, number, number])
    : depths.get(Number(depth));
  if (!blocks || Number(cardinality) < 2) return null;
  const stemChannels = stem.startsWith('_stem') ? numbersIn(stem) : stem === '' ? plainStem : deepStem;
  const architecture: Architecture = {
    blocks,
    cardinality: Number(cardinality),
    baseWidth: Number(baseWidth),
    stem: stem === '' ? 'plain' : 'deep',
    stemChannels,
    shortcut: pool || stem === '_vd' ? 'pool' : 'convolution',
    classCount: 1000,
  };
  // '_vd_pool', '[3,4,6,3]' and the like say the same twice or in a roundabout way.
  return architectureName(architecture) === canonical ? architecture : null;
}

function numbersIn(text: string): number[] {
  return Array.from(text.matchAll(/\d+/g), ([digits]) => Number(digits));
}
