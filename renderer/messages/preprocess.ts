/** @file Preprocessing in a few words: 'OpenCV bilinear, 256 → 224'. */
import type { Preprocess } from '#core/preprocess.ts';
import type { Messages } from './en.ts';

export function preprocessWords(text: Messages['models'], preprocess: Preprocess): string {
  const { fit, shortSide, cropWidth, cropHeight, kernel, antialias, channels } = preprocess;
  const name = antialias ? text.kernel[kernel] : text.kernel.opencv;
  const to = cropWidth === cropHeight ? String(cropWidth) : `${cropWidth} × ${cropHeight}`;
  const words = fit === 'stretch' ? text.stretch(name, to) : text.resize(name, shortSide, to);
  return channels === 'bgr' ? `${words}, BGR` : words;
}
