/** @file Evidence for a category in a picture, as colours and as words. */
import type { ActivationMap } from '#core/learn.ts';

const rampTokens = ['--heat-1', '--heat-2', '--heat-3', '--heat-4'];
/** How much of the picture the strongest evidence covers. */
const strongest = 0.72;

/** The part of the picture, of three by three, with the most evidence; null when there is none. */
export function placeOf({ width, height, values, window }: ActivationMap): { row: number; column: number } | null {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  if (!values[best]) return null;
  const x = window.left + window.width * (((best % width) + 0.5) / width);
  const y = window.top + window.height * ((Math.floor(best / width) + 0.5) / height);
  const third = (share: number) => Math.max(0, Math.min(2, Math.floor(share * 3)));
  return { row: third(y), column: third(x) };
}

/** One pixel a cell; the browser smooths between them. Colours are the tokens of the page. */
export function paintEvidence(canvas: HTMLCanvasElement, { width, height, values }: ActivationMap): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  for (let index = 0; index < width * height; index++) {
    const value = values[index] ?? 0;
    const step = Math.min(rampTokens.length - 1, Math.floor(value * rampTokens.length));
    context.globalAlpha = value * strongest;
    context.fillStyle = style.getPropertyValue(rampTokens[step]!);
    context.fillRect(index % width, Math.floor(index / width), 1, 1);
  }
}
