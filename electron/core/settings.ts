/** @file What a person can set. */

export const themes = ['system', 'light', 'dark'] as const;
export const languages = ['system', 'en', 'zh-CN'] as const;

export interface Settings {
  theme: (typeof themes)[number];
  language: (typeof languages)[number];
  /** Inference threads; 0 lets the app choose. */
  threads: number;
  /** Pictures per `session.run`; 0 lets the app choose. */
  batchSize: number;
  /** The model for new runs; null: the first usable one. */
  modelId: string | null;
  /** Free for the renderer: panel widths, thumbnail size, what was open last. */
  layout: Record<string, string | number | boolean | null>;
}

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  threads: 0,
  batchSize: 0,
  modelId: null,
  layout: {},
};
