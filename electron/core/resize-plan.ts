/** @file How a picture becomes the model's input rectangle: resize, then crop the centre. */
import type { Preprocess } from './preprocess.ts';
import { roundHalfEven } from './rounding.ts';

export type ResizeRule = Pick<Preprocess, 'fit' | 'shortSide' | 'cropWidth' | 'cropHeight' | 'rounding'>;

export interface ResizePlan {
  /** Size after resizing, pixels. */
  width: number;
  height: number;
  /** The crop within it, pixels. */
  crop: { left: number; top: number; width: number; height: number };
}

/**
 * @param width   of the picture as displayed (after EXIF orientation), pixels
 * @param height  likewise
 */
export function resizePlan(width: number, height: number, rule: ResizeRule): ResizePlan {
  const { cropWidth, cropHeight } = rule;
  if (rule.fit === 'stretch') {
    return {
      width: cropWidth,
      height: cropHeight,
      crop: { left: 0, top: 0, width: cropWidth, height: cropHeight },
    };
  }
  const { resize, offset } = roundings[rule.rounding];
  const resized = resize(width, height, rule.shortSide);
  return {
    ...resized,
    crop: {
      left: offset(resized.width - cropWidth),
      top: offset(resized.height - cropHeight),
      width: cropWidth,
      height: cropHeight,
    },
  };
}

interface Rounding {
  /** Size after resizing so that the short side becomes `shortSide`. */
  resize: (width: number, height: number, shortSide: number) => { width: number; height: number };
  /** Where the crop begins, when it is `rest` pixels smaller than the resized picture. */
  offset: (rest: number) => number;
}

const roundings: Record<Preprocess['rounding'], Rounding> = {
  /**
   * The long side is cut off, the offset rounded half to even.
   * Source: torchvision `_compute_resized_image_output_size` and `center_crop`; timm uses both.
   */
  torchvision: {
    resize: (width, height, shortSide) => {
      const long = Math.floor((shortSide * Math.max(width, height)) / Math.min(width, height));
      return width <= height ? { width: shortSide, height: long } : { width: long, height: shortSide };
    },
    offset: (rest) => roundHalfEven(rest / 2),
  },
  /**
   * The long side is rounded half to even (of the same double as in Python), the offset cut off.
   * Source: `ResizeImage` and `CropImage` in PaddleClas deploy/python/preprocess.py.
   */
  paddleclas: {
    resize: (width, height, shortSide) => {
      const percent = shortSide / Math.min(width, height);
      return { width: roundHalfEven(width * percent), height: roundHalfEven(height * percent) };
    },
    offset: (rest) => Math.floor(rest / 2),
  },
};
