/** @file What the app says about two models side by side, in Simplified Chinese. */
import { formatFor } from '../format.ts';
import type { compare as english } from '../en/compare.ts';

const { count, percent, finePercent } = formatFor('zh-CN');

export const compare: typeof english = {
  compare: {
    dataset: '数据集',
    first: '第一个模型',
    second: '第二个模型',
    noDataset: '先用两个模型标注同一个文件夹，再在这里比较。',
    tooFew: '标注过此数据集的模型不足两个。请为新的运行选择另一个模型，重新标注后再来比较。',
    labeled: (title, value) => `${title}（${count(value)}）`,
    nothing: '没有两个模型都标注过的图片。',
    agreement: '最佳类别相同',
    agreed: (agreed, total) => `${count(total)} 张图片中的 ${count(agreed)} 张`,
    model: '模型',
    meanScore: '最佳分数的平均值',
    correct: '与您的决定一致',
    correctOf: (correct, total) =>
      `${finePercent(total ? correct / total : 0)}，${count(total)} 张中的 ${count(correct)} 张`,
    undecided: '先在“审核”中决定一些图片，就能看出哪个模型更准。',
    differ: '最常见的分歧',
    pictures: '图片数',
    perCategory: '各类别被判定的次数',
    category: '类别',
    difference: '差值',
    all: '两者没有分歧。',
    share: (share) => percent(share),
  },
};
