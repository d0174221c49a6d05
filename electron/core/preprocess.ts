/** @file How a picture becomes a model's pixel values, as data: the `preprocess` part of a manifest. */

export const kernels = ['linear', 'cubic', 'lanczos3', 'nearest'] as const;
export type ResizeKernel = (typeof kernels)[number];

export interface Preprocess {
  /** 'short-side': resize the short side, crop the centre; 'stretch': resize to the crop, whatever the proportions. */
  fit: 'short-side' | 'stretch';
  /** The short side after resizing, pixels; not used by 'stretch'. */
  shortSide: number;
  cropWidth: number;
  cropHeight: number;
  kernel: ResizeKernel;
  /** False: each pixel is sampled from its nearest neighbours only, as OpenCV does; the kernel is then 'linear'. */
  antialias: boolean;
  /** Who rounds the long side and the offsets of the crop: torchvision (and timm), or PaddleClas. */
  rounding: 'torchvision' | 'paddleclas';
  channels: 'rgb' | 'bgr';
  /** Per channel in the order of `channels`, in 0–1 units: (byte / 255 − mean) / std. Unused by uint8 inputs. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

export const imagenetMean = [0.485, 0.456, 0.406] as const;
export const imagenetStd = [0.229, 0.224, 0.225] as const;

/** A line of figures, the same in every language: 'bicubic 235 → 224'. */
export function describePreprocess({ fit, shortSide, cropWidth, cropHeight, kernel, antialias }: Preprocess): string {
  const names = { linear: 'bilinear', cubic: 'bicubic', lanczos3: 'lanczos', nearest: 'nearest' } as const;
  const crop = cropWidth === cropHeight ? String(cropWidth) : `${cropWidth} × ${cropHeight}`;
  const sampling = antialias ? names[kernel] : 'OpenCV bilinear';
  return fit === 'stretch' ? `${sampling} ${crop}` : `${sampling} ${shortSide} → ${crop}`;
}
