/** @file What the app says about settings, in English. */
import { formatFor } from '../format.ts';

const { count } = formatFor('en');

export const settings = {
  settings: {
    title: 'Settings',
    appearance: 'Appearance',
    theme: 'Theme',
    themeOption: { system: 'Like the system', light: 'Light', dark: 'Dark' },
    language: 'Language',
    languageOption: { system: 'Like the system', en: 'English', 'zh-CN': '简体中文' },
    reviewing: 'Reviewing',
    autoAdvance: 'After a decision',
    speed: 'Speed',
    gentle: 'Gentle mode',
    gentleHint: 'One core and low priority: everything else stays quick, labeling takes longer.',
    gentleOption: { never: 'Never', 'on-battery': 'On battery', always: 'Always' },
    threads: 'Processor threads',
    threadsHint: (cpus: number) => `0 lets the app choose. This computer has ${count(cpus)}.`,
    batchSize: 'Pictures per batch',
    batchHint: '0 lets the app choose.',
    library: 'Library file',
    libraryHint: 'Labels, decisions and thumbnails lie here. Your photos are never changed.',
    version: 'Version',
  },
};
