/** @file Zooming, moving and turning a picture, in pixels relative to the middle of its stage. */

export interface Zoom {
  /** 1 fits the picture into its stage. */
  scale: number;
  x: number;
  y: number;
}

/** Pixels on the screen. */
export interface Size {
  width: number;
  height: number;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };
const maxScale = 12;
/** Of one press of a key or a button. */
export const zoomFactor = 1.5;

/** Zoom so that what lies under the point stays under it. */
export function zoomAt(zoom: Zoom, factor: number, pointX: number, pointY: number): Zoom {
  const scale = Math.max(1, Math.min(maxScale, zoom.scale * factor));
  if (scale === 1) return fitted;
  const ratio = scale / zoom.scale;
  return { scale, x: pointX - (pointX - zoom.x) * ratio, y: pointY - (pointY - zoom.y) * ratio };
}

/** Move, but never so far that room is left free on one side while the picture goes on at the other. */
export function pan(zoom: Zoom, dx: number, dy: number, stage: Size, picture: Size): Zoom {
  const clamp = (value: number, stage: number, picture: number) => {
    const limit = Math.max(0, (picture * zoom.scale - stage) / 2);
    return Math.max(-limit, Math.min(limit, value));
  };
  return {
    scale: zoom.scale,
    x: clamp(zoom.x + dx, stage.width, picture.width),
    y: clamp(zoom.y + dy, stage.height, picture.height),
  };
}

/**
 * How large a picture is shown when it is fitted.
 *
 * @param ratio  its width through its height before turning; null while unknown: it may fill the stage
 * @param turns  quarters to the right
 */
export function fittedSize(stage: Size, ratio: number | null, turns: number): Size {
  if (ratio === null || stage.height === 0) return stage;
  const shown = turns % 2 === 0 ? ratio : 1 / ratio;
  const width = Math.min(stage.width, stage.height * shown);
  return { width, height: width / shown };
}

/** Quarters to the right after one more turn, from 0 to 3. */
export function turned(turns: number, by: 1 | -1): number {
  return (turns + by + 4) % 4;
}
