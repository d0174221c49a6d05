/** @file Zooming a picture to a point, in pixels relative to the middle of its stage. */

export interface Zoom {
  /** 1 fits the picture into its stage. */
  scale: number;
  x: number;
  y: number;
}

export const fitted: Zoom = { scale: 1, x: 0, y: 0 };
const maxScale = 12;

/** Zoom so that what lies under the point stays under it. */
export function zoomAt(zoom: Zoom, factor: number, pointX: number, pointY: number): Zoom {
  const scale = Math.max(1, Math.min(maxScale, zoom.scale * factor));
  if (scale === 1) return fitted;
  const ratio = scale / zoom.scale;
  return { scale, x: pointX - (pointX - zoom.x) * ratio, y: pointY - (pointY - zoom.y) * ratio };
}

/** Move, but never so far that the picture leaves its stage. */
export function pan(zoom: Zoom, dx: number, dy: number, width: number, height: number): Zoom {
  const limitX = (width * (zoom.scale - 1)) / 2;
  const limitY = (height * (zoom.scale - 1)) / 2;
  const clamp = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value));
  return { scale: zoom.scale, x: clamp(zoom.x + dx, limitX), y: clamp(zoom.y + dy, limitY) };
}
