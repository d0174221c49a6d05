/** @file Where the pixels of an upright picture lie in the stored one, by its EXIF orientation. */

export interface Size {
  width: number;
  height: number;
}

export interface Rectangle extends Size {
  left: number;
  top: number;
}

/** From upright to stored: first mirror, then swap the axes. */
export interface Turn {
  mirrorX: boolean;
  mirrorY: boolean;
  swapped: boolean;
}

/**
 * @param orientation  1–8; anything else counts as upright
 *
 * Source: EXIF 2.32, tag 0x0112: which sides of the upright picture the first row and the first column are.
 */
export function turnOf(orientation: number): Turn {
  return {
    mirrorX: [2, 3, 6, 7].includes(orientation),
    mirrorY: [3, 4, 7, 8].includes(orientation),
    swapped: [5, 6, 7, 8].includes(orientation),
  };
}

/**
 * @param area  of the upright picture, pixels
 * @param size  of the upright picture, pixels
 * @returns     the same pixels in the stored picture
 */
export function storedArea({ left, top, width, height }: Rectangle, size: Size, turn: Turn): Rectangle {
  const x = turn.mirrorX ? size.width - left - width : left;
  const y = turn.mirrorY ? size.height - top - height : top;
  return turn.swapped ? { left: y, top: x, width: height, height: width } : { left: x, top: y, width, height };
}
