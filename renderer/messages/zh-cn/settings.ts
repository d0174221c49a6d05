/** @file What the app says about settings, in Simplified Chinese. */
import { formatFor } from '../format.ts';
import type { settings as english } from '../en/settings.ts';

const { count } = formatFor('zh-CN');

export const settings: typeof english = {
  settings: {
    title: '设置',
    appearance: '外观',
    theme: '主题',
    themeOption: { system: '跟随系统', light: '浅色', dark: '深色' },
    language: '语言',
    languageOption: { system: '跟随系统', en: 'English', 'zh-CN': '简体中文' },
    reviewing: '审核',
    autoAdvance: '做出决定后',
    speed: '速度',
    gentle: '温和模式',
    gentleHint: '标注时只用一个核心、以低优先级运行，不影响其他工作，但用时更长。',
    gentleOption: { never: '从不', 'on-battery': '使用电池时', always: '始终' },
    threads: '处理器线程',
    threadsHint: (cpus) => `0 表示由应用决定。这台电脑有 ${count(cpus)} 个。`,
    batchSize: '每批图片数',
    batchHint: '0 表示由应用决定。',
    library: '库文件',
    libraryHint: '标签、审核结果和缩略图保存在这里。照片不会被改动。',
    version: '版本',
  },
};
