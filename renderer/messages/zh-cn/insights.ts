/** @file What the insights screen says, in Simplified Chinese. */
import type { insights as en } from '../en/insights.ts';
import { formatFor } from '../format.ts';

const { count, percent } = formatFor('zh-CN');
const pictures = (value: number) => `${count(value)} 张图片`;

export const insights: typeof en = {
  insights: {
    title: '统计',
    hint: (name) => `从您的判断和模型的预测看“${name}”。`,
    noDataset: '请先打开一个文件夹。',
    loading: '正在统计…',
    numbers: '数据',
    numbersOf: (title) => `数据：${title}`,
    saveAs: (title, form) => `另存为 ${form}：${title}`,
    saved: (fileName) => `已保存 ${fileName}`,
    nothingDecided: '还没有任何判断。',
    nothingLabeled: '还没有任何标注。',
    progress: {
      title: '进度',
      hint: (reviewed, total) => `已审核 ${count(reviewed)} / ${pictures(total)}，按日统计。`,
      day: '日期',
    },
    categories: {
      title: '类别',
      hint: (shown, total) =>
        shown < total ? `共 ${count(total)} 个类别，显示最多的 ${count(shown)} 个。` : '每个类别的图片数。',
    },
    scores: { title: '分数', hint: '每张图片最佳预测的把握。', range: '分数' },
    reliability: {
      title: '分数可信吗？',
      hint: '在已判断的图片中，各分数的预测有多少是对的。落在虚线上即可信。统计的是判断之前的预测。',
      right: '正确',
      mean: '平均分数',
    },
    confusion: {
      title: '混淆的类别',
      hint: (value) => `判断（行）与判断之前的预测（列），${pictures(value)}。选择一格可查看这些图片。`,
      decided: '判断',
      predicted: '预测',
    },
    agreement: {
      title: '模型与人的一致程度',
      hint: '按判断的先后顺序，最佳预测有多少是对的。',
      from: '开始',
      share: (agreed, decided) => `${count(decided)} 张中 ${percent(agreed / Math.max(1, decided))}`,
    },
    folders: {
      title: '文件夹',
      hint: '有无法读取的图片的文件夹排在前面。',
      folder: '文件夹',
      pictures: '图片',
      failed: '无法读取',
      size: '大小',
      none: '没有含图片的文件夹。',
      show: '查看无法读取的图片',
    },
    cell: (decided, predicted, value) =>
      decided === predicted
        ? `${decided}，预测相同：${pictures(value)}`
        : `${decided}，被预测为${predicted}：${pictures(value)}`,
    accepted: '已接受',
    corrected: '已更正',
    unsure: '不确定',
    skipped: '已跳过',
    decided: '已判断',
    undecided: '未判断',
    predicted: '预测',
    picturesHead: '图片',
    category: '类别',
  },
};
