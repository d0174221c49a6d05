/** @file How much is measured: all there is to know in half an hour, or every ratio once within three minutes. */
import type { PhotoSize } from './corpus.ts';
import type { Patience } from './measured.ts';

export interface Plan {
  /** Different pictures. */
  photos: Record<PhotoSize, number>;
  /** Pictures in a folder that is labeled on one thread, and that its parts get as well; the different ones repeated. */
  partsPhotos: Record<PhotoSize, number>;
  /** Pictures in a folder that is labeled beside other programs. */
  labeledPhotos: Record<'vga' | '12mp', number>;
  /** What those get: their cost for one picture does not depend on how many there are, for they are warm. */
  peerPhotos: Record<'vga' | '12mp', number>;
  /** PyTorch is the slowest of all. */
  torchPhotos: number;
  /** Pictures for inference alone. */
  inferencePhotos: number;
  /** Pictures for decoding alone. */
  decodePhotos: Record<PhotoSize, number>;
  patience: Record<Step, Patience>;
  /** Make the models anew and find their fastest settings, instead of taking what is there and what is supposed. */
  thorough: boolean;
}

export type Step = 'inference' | 'parts' | 'endToEnd' | 'cores' | 'decode' | 'bundled';

export const fullPlan: Plan = {
  photos: { vga: 240, '2mp': 96, '12mp': 48 },
  partsPhotos: { vga: 240, '2mp': 144, '12mp': 96 },
  labeledPhotos: { vga: 480, '12mp': 192 },
  peerPhotos: { vga: 96, '12mp': 24 },
  torchPhotos: 48,
  inferencePhotos: 16,
  decodePhotos: { vga: 120, '2mp': 48, '12mp': 24 },
  patience: {
    inference: { passes: 41, seconds: 100 },
    parts: { passes: 7, seconds: 110 },
    endToEnd: { passes: 9, seconds: 150 },
    cores: { passes: 9, seconds: 90 },
    decode: { passes: 15, seconds: 40 },
    bundled: { passes: 9, seconds: 50 },
  },
  thorough: true,
};

export const quickPlan: Plan = {
  photos: { vga: 40, '2mp': 16, '12mp': 6 },
  partsPhotos: { vga: 48, '2mp': 24, '12mp': 18 },
  labeledPhotos: { vga: 160, '12mp': 72 },
  peerPhotos: { vga: 16, '12mp': 6 },
  torchPhotos: 8,
  inferencePhotos: 8,
  decodePhotos: { vga: 24, '2mp': 10, '12mp': 6 },
  patience: {
    inference: { passes: 9, seconds: 10 },
    parts: { passes: 3, seconds: 11 },
    endToEnd: { passes: 3, seconds: 11 },
    cores: { passes: 3, seconds: 8 },
    decode: { passes: 5, seconds: 2 },
    bundled: { passes: 3, seconds: 4 },
  },
  thorough: false,
};
