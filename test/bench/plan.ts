/** @file How much is measured: all there is to know in half an hour, or every ratio once within three minutes. */
import type { PhotoSize } from './corpus.ts';
import type { Patience } from './measured.ts';

export interface Plan {
  /** Pictures in a folder that is labeled. */
  photos: Record<PhotoSize, number>;
  /** Of those, how many the slower programs get: their cost for one picture does not depend on it. */
  peerPhotos: Record<PhotoSize, number>;
  /** PyTorch is the slowest of all. */
  torchPhotos: number;
  /** Pictures for inference alone. */
  inferencePhotos: number;
  /** Pictures for decoding alone. */
  decodePhotos: Record<PhotoSize, number>;
  patience: Record<Step, Patience>;
  /** Let the engine find its fastest settings before, instead of taking what it knows or supposes. */
  tunes: boolean;
}

export type Step = 'inference' | 'parts' | 'endToEnd' | 'cores' | 'decode' | 'bundled';

export const fullPlan: Plan = {
  photos: { vga: 240, '2mp': 96, '12mp': 48 },
  peerPhotos: { vga: 96, '2mp': 48, '12mp': 24 },
  torchPhotos: 48,
  inferencePhotos: 32,
  decodePhotos: { vga: 120, '2mp': 48, '12mp': 24 },
  patience: {
    inference: { rounds: 15, seconds: 180 },
    parts: { rounds: 5, seconds: 240 },
    endToEnd: { rounds: 5, seconds: 300 },
    cores: { rounds: 7, seconds: 150 },
    decode: { rounds: 11, seconds: 60 },
    bundled: { rounds: 5, seconds: 90 },
  },
  tunes: true,
};

export const quickPlan: Plan = {
  photos: { vga: 40, '2mp': 16, '12mp': 10 },
  peerPhotos: { vga: 16, '2mp': 8, '12mp': 5 },
  torchPhotos: 8,
  inferencePhotos: 8,
  decodePhotos: { vga: 24, '2mp': 10, '12mp': 5 },
  patience: {
    inference: { rounds: 5, seconds: 12 },
    parts: { rounds: 2, seconds: 12 },
    endToEnd: { rounds: 2, seconds: 12 },
    cores: { rounds: 3, seconds: 12 },
    decode: { rounds: 3, seconds: 3 },
    bundled: { rounds: 2, seconds: 6 },
  },
  tunes: false,
};
