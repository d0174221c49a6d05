/** @file What a person can set. */
import type { ExecutionProvider } from './providers.ts';

export const themes = ['system', 'light', 'dark'] as const;
export const languages = ['system', 'en', 'zh-CN'] as const;

/** When labeling takes one core only, with low priority. */
export const gentleModes = ['never', 'on-battery', 'always'] as const;

export interface Settings {
  theme: (typeof themes)[number];
  language: (typeof languages)[number];
  /** Inference threads; 0 lets the app choose. */
  threads: number;
  /** Pictures per `session.run`; 0 lets the app choose. */
  batchSize: number;
  /** The model for new runs; null: the first usable one. */
  modelId: string | null;
  /** Where new runs compute. */
  provider: ExecutionProvider;
  gentle: (typeof gentleModes)[number];
  /** Address of an HTTP proxy for downloads; empty: the one of the environment, or none. */
  proxy: string;
  /** Address of a server with copies of the catalogue's files; empty: where they were published. */
  mirror: string;
  /** Free for the renderer: panel widths, thumbnail size, what was open last. */
  layout: Record<string, string | number | boolean | null>;
}

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  threads: 0,
  batchSize: 0,
  modelId: null,
  provider: 'cpu',
  gentle: 'on-battery',
  proxy: '',
  mirror: '',
  layout: {},
};
