/** @file What the app says about exporting, in Simplified Chinese. */
import { formatFor } from '../format.ts';
import type { exporting as english } from '../en/export.ts';

const { count, percent } = formatFor('zh-CN');

export const exporting: typeof english = {
  export: {
    title: '导出',
    format: '格式',
    include: '标签',
    includeOption: { both: '审核结果优先，其余用预测', decisions: '仅审核结果', predictions: '仅预测' },
    wholePaths: '使用图片的完整路径',
    level: '标签粒度',
    levelHint: '合并为同一标签的预测，其分数会相加。',
    levelOption: { own: '原标签（如金毛犬）', parent: '上一级（如狗）', top: '最上级（如动物）' },
    topK: '每张图片的预测数',
    minScore: '最低分数',
    minScoreHint: '去掉低于此分数的预测，审核结果始终保留。',
    review: '哪些图片',
    reviewOption: { all: '全部', decided: '已审核', undecided: '未审核', unsure: '标为不确定的', skipped: '已跳过的' },
    dialect: '用途',
    dialectOption: { data: '脚本（RFC 4180）', spreadsheet: 'Excel 和 LibreOffice' },
    pictures: '图片',
    picturesHint: '绝不会改动您的原文件。',
    picturesOption: {
      copy: '复制到文件夹中',
      'hard-link': '硬链接（同一磁盘，不占空间）',
      symlink: '指向原位置的链接',
      none: '不包含图片，仅标签',
    },
    split: '划分',
    splitHint: '按类别划分；近似重复的图片不会分开。',
    noSplit: '不划分',
    splitOption: (train, val, test) =>
      test > 0
        ? `训练 ${percent(train)}、验证 ${percent(val)}、测试 ${percent(test)}`
        : `训练 ${percent(train)}、验证 ${percent(val)}`,
    preview: '预览',
    previewHint: '文件的前几行',
    emptyPreview: '按当前选择没有可导出的内容。',
    rows: (value) => `${count(value)} 行`,
    save: '保存…',
    saving: (value) => `已写入 ${count(value)} 行`,
    done: (file, rows, size) => `已保存 ${file}：${count(rows)} 行，${size}`,
    leftOut: (value) => `有 ${count(value)} 张图片未写入，因为该格式无法表示`,
    noDataset: '请先标注一个文件夹，再在这里导出标签。',
  },
};
