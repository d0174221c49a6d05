/**
 * @file Bilinear sampling without antialias, as `cv2.resize` does it on bytes: each pixel is a mix of its four nearest
 * neighbours, however much the picture shrinks.
 *
 * To the bit, so fixed-point and with OpenCV's own losses. Source: opencv modules/imgproc/src/resize.cpp, `INTER_LINEAR`
 * of `CV_8U` (`HResizeLinear`, `VResizeLinear`); the same in 4.14 and 5.0.
 */
import type { ResizePlan } from '#core/resize-plan.ts';
import { roundHalfEven } from '#core/rounding.ts';
import type { Rectangle, Size, Turn } from './orientation.ts';

/** `INTER_RESIZE_COEF_BITS`: weights of two neighbours sum to 2^11. */
const weightScale = 2 ** 11;

/** For each pixel along one side of the crop: its two neighbours in the picture, and their weights. */
interface Neighbours {
  first: Int32Array;
  second: Int32Array;
  firstWeight: Int32Array;
  secondWeight: Int32Array;
}

/**
 * @param size     of the picture, pixels
 * @param resized  of the whole resized picture, pixels
 * @param from     where the crop begins within it
 * @param count    pixels of the crop
 * @param snap     beyond the picture's edge take the edge alone, instead of mixing it with itself: OpenCV does the one
 *                 along rows, the other along columns, and mixing loses a fraction
 */
function neighbours(size: number, resized: number, from: number, count: number, snap: boolean): Neighbours {
  const scale = 1 / (resized / size);
  const found: Neighbours = {
    first: new Int32Array(count),
    second: new Int32Array(count),
    firstWeight: new Int32Array(count),
    secondWeight: new Int32Array(count),
  };
  for (let index = 0; index < count; index++) {
    // Pixels have their middle at a half; single precision from here on, as there.
    const position = Math.fround((from + index + 0.5) * scale - 0.5);
    const first = Math.floor(position);
    const outside = first < 0 || first >= size - 1;
    const fraction = snap && outside ? 0 : Math.fround(position - first);
    found.first[index] = Math.min(Math.max(first, 0), size - 1);
    found.second[index] = Math.min(Math.max(first + 1, 0), size - 1);
    found.firstWeight[index] = roundHalfEven(Math.fround(1 - fraction) * weightScale);
    found.secondWeight[index] = roundHalfEven(fraction * weightScale);
  }
  return found;
}

function along(size: Size, { width, height, crop }: ResizePlan): { columns: Neighbours; rows: Neighbours } {
  return {
    columns: neighbours(size.width, width, crop.left, crop.width, true),
    rows: neighbours(size.height, height, crop.top, crop.height, false),
  };
}

/**
 * The part of a picture that {@link sampleCrop} looks at.
 *
 * @param size  of the upright picture, pixels
 */
export function sampledArea(size: Size, plan: ResizePlan): Rectangle {
  const { columns, rows } = along(size, plan);
  const left = columns.first[0]!;
  const top = rows.first[0]!;
  return { left, top, width: columns.second.at(-1)! - left + 1, height: rows.second.at(-1)! - top + 1 };
}

/**
 * @param rgb   shape [area.height, area.width, 3], 0–255: a part of the stored picture
 * @param area  where that part lies in the stored picture; it covers {@link sampledArea}
 * @param size  of the whole picture, upright, pixels
 * @param turn  how it is stored
 * @param crop  where the pixels go, shape [plan.crop.height, plan.crop.width, 3]; a new array if nothing is given
 * @returns     the crop, 0–255, upright
 */
export function sampleCrop(
  rgb: Uint8Array,
  area: Rectangle,
  size: Size,
  turn: Turn,
  plan: ResizePlan,
  crop: Uint8Array = new Uint8Array(plan.crop.width * plan.crop.height * 3),
): Uint8Array {
  const { columns, rows } = along(size, plan);
  const { width, height } = plan.crop;
  // Positions become offsets in `rgb`: a row and a column of the upright picture have one each, which add up.
  const [xStep, yStep, xStart, yStart] = turn.swapped
    ? [area.width * 3, 3, area.top, area.left]
    : [3, area.width * 3, area.left, area.top];
  const atX = (x: number) => ((turn.mirrorX ? size.width - 1 - x : x) - xStart) * xStep;
  const atY = (y: number) => ((turn.mirrorY ? size.height - 1 - y : y) - yStart) * yStep;
  const lefts = columns.first.map(atX);
  const rights = columns.second.map(atX);
  for (let y = 0, target = 0; y < height; y++) {
    const above = atY(rows.first[y]!);
    const below = atY(rows.second[y]!);
    const aboveWeight = rows.firstWeight[y]!;
    const belowWeight = rows.secondWeight[y]!;
    for (let x = 0; x < width; x++) {
      const left = lefts[x]!;
      const right = rights[x]!;
      const leftWeight = columns.firstWeight[x]!;
      const rightWeight = columns.secondWeight[x]!;
      for (let channel = 0; channel < 3; channel++) {
        const upper = rgb[above + left + channel]! * leftWeight + rgb[above + right + channel]! * rightWeight;
        const lower = rgb[below + left + channel]! * leftWeight + rgb[below + right + channel]! * rightWeight;
        // Bits are dropped where OpenCV drops them to fit its 16-bit products.
        const mixed = ((aboveWeight * (upper >> 4)) >> 16) + ((belowWeight * (lower >> 4)) >> 16);
        crop[target++] = (mixed + 2) >> 2;
      }
    }
  }
  return crop;
}
