/** @file Which preprocessing a model was most likely trained with, by what is known of the file. */
import { AppError } from '#core/errors.ts';
import type { ImportChoices, PreprocessProposal } from '#core/model-import.ts';
import { imagenetMean, imagenetStd, type Preprocess } from '#core/preprocess.ts';
import { preprocessPreset, presetNames } from '#core/preprocess-presets.ts';
import type { Source } from './source.ts';

/**
 * File names under which torchvision publishes, up to the hash. The weights called V1 of ResNeXt101_64X4D want 232
 * pixels. Source: torchvision/models/resnet.py.
 */
const torchvisionFiles: [RegExp, string][] = [
  [/resnext50_32x4d-7cdf4587/, 'torchvision-v1'],
  [/resnext50_32x4d-1a0047aa/, 'torchvision-v2'],
  [/resnext101_32x8d-8ba56ff5/, 'torchvision-v1'],
  [/resnext101_32x8d-110c445d/, 'torchvision-v2'],
  [/resnext101_64x4d-173b62eb/, 'torchvision-v2'],
];

/**
 * @param source  what was recognised
 * @param hints   names that may carry a tag: of the file, of its folder
 * @returns       best first; never empty; `sure` when the first one is more than a guess
 */
export function proposePreprocess(
  source: Source,
  hints: readonly string[],
): { preprocess: PreprocessProposal[]; sure: boolean } {
  const names: string[] = [];
  const stated = source.stated && fits(source, source.stated) ? source.stated : null;
  if (source.producer === 'paddle') names.push('paddleclas');
  for (const hint of hints) {
    for (const [pattern, name] of torchvisionFiles) if (pattern.test(hint)) names.push(name);
    // The longest tag first: 'a1h_in1k' also ends a longer one.
    const tags = presetNames.filter((name) => name.startsWith('timm:') && hint.includes(name.slice(5)));
    names.push(...tags.toSorted((a, b) => b.length - a.length));
  }
  const sure = stated !== null || names.length > 0;
  if (source.naming !== null || source.architecture !== null) {
    names.push('torchvision-v2', 'torchvision-v1', 'paddleclas');
  }
  const known = [...new Set(names)].flatMap((name): PreprocessProposal[] => {
    const preprocess = preprocessPreset(name);
    return preprocess && fits(source, preprocess) ? [{ name, preprocess }] : [];
  });
  const custom = { name: 'custom', preprocess: stated ?? usual(source) };
  return {
    preprocess: stated ? [custom, ...known] : [...known, custom],
    sure: sure && (stated !== null || known.length > 0),
  };
}

/**
 * What the person chose, checked against the input.
 *
 * @throws {AppError} 'model.unsupported' for a name nobody knows or a crop the input does not take
 */
export function chosenPreprocess(source: Source, choice: ImportChoices['preprocess']): Preprocess {
  const preprocess = typeof choice === 'string' ? named(source, choice) : choice;
  if (!fits(source, preprocess)) {
    const { width, height } = source.input;
    const crop = `${preprocess.cropWidth} × ${preprocess.cropHeight}`;
    throw new AppError(
      'model.unsupported',
      `The preprocessing makes ${crop} pixels, the model takes ${width} × ${height}`,
    );
  }
  return preprocess;
}

function named(source: Source, name: string): Preprocess {
  const preprocess = name === 'custom' ? (source.stated ?? usual(source)) : preprocessPreset(name);
  if (preprocess) return preprocess;
  throw new AppError(
    'model.unsupported',
    `There is no preprocessing called "${name}"; known are ${presetNames.join(', ')}`,
  );
}

function fits({ freeSize, input }: Source, { cropWidth, cropHeight }: Preprocess): boolean {
  return freeSize || (cropWidth === input.width && cropHeight === input.height);
}

/** What most classifiers on the web are trained with: a crop of seven eighths, ImageNet statistics. */
function usual({ input }: Source): Preprocess {
  const square = input.width === input.height;
  return {
    fit: square ? 'short-side' : 'stretch',
    shortSide: square ? Math.min(4096, Math.floor(input.width / 0.875)) : Math.max(input.width, input.height),
    cropWidth: input.width,
    cropHeight: input.height,
    kernel: 'linear',
    antialias: true,
    rounding: 'torchvision',
    channels: 'rgb',
    mean: imagenetMean,
    std: imagenetStd,
  };
}
