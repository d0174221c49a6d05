/** @file How a picture becomes the model's input square: resize the short side, then crop the centre. */

export interface ResizeRule {
  /** The short side after resizing, pixels. */
  shortSide: number;
  /** Crop, pixels. */
  width: number;
  height: number;
}

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
 *
 * Source: torchvision `Resize` (long side truncated: `int(size * long / short)`) and `CenterCrop` (offset rounded
 * half to even, as Python does).
 */
export function resizePlan(width: number, height: number, rule: ResizeRule): ResizePlan {
  const long = Math.floor((rule.shortSide * Math.max(width, height)) / Math.min(width, height));
  const resized = width <= height ? { width: rule.shortSide, height: long } : { width: long, height: rule.shortSide };
  return {
    ...resized,
    crop: {
      left: roundHalfEven((resized.width - rule.width) / 2),
      top: roundHalfEven((resized.height - rule.height) / 2),
      width: rule.width,
      height: rule.height,
    },
  };
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
