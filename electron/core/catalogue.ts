/** @file Published weights that can be fetched, and how far fetching them is. */
import type { ModelSpeed } from './model.ts';

export interface CatalogueEntry {
  /** Also the id of the model it becomes, e.g. 'paddleclas.resnext50-vd-32x4d'. */
  id: string;
  title: string;
  origin: 'paddleclas' | 'torchvision' | 'timm' | 'deepghs';
  /** In PaddleClas' words ('ResNeXt50_vd_32x4d'). */
  architecture: string;
  /** Published accuracy on ImageNet-1k as shares; null where nobody published it. */
  top1: number | null;
  top5: number | null;
  parameterCount: number;
  /** For one picture at this input size. */
  macCount: number;
  /** Side of the square input, pixels. */
  inputSide: number;
  /** As `models add --preprocess` takes it. */
  preprocess: string;
  /** About: as published, rounded, or from the number of weights; null where neither is known. */
  sizeBytes: number | null;
  sha256: string | null;
  licence: string;
  /** Must be accepted by a click before the download. */
  nonCommercial: boolean;
  /** For the manual way. */
  url: string;
  /** Where the facts stand. */
  source: string;
  /** Speed of this architecture on this machine, measured with random weights or the installed model. */
  speed: ModelSpeed | null;
  installed: boolean;
}

export interface DownloadProgress {
  entryId: string;
  state: 'waiting' | 'downloading' | 'converting' | 'finished' | 'cancelled' | 'failed';
  doneBytes: number;
  /** Null until the server says. */
  totalBytes: number | null;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
  /** Of the file as received, once whole; shown where no checksum was published. */
  sha256: string | null;
  /**
   * Set when `state` is 'failed': an error code, its sentence and, where carrying the file over by hand would help, how
   * to do that in English.
   */
  error: { code: string; message: string; byHand: string | null } | null;
}
