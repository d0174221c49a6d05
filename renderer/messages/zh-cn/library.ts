/** @file What the app says about datasets and runs, in Simplified Chinese. */
import { formatFor } from '../format.ts';
import type { library as english } from '../en/library.ts';

const { count } = formatFor('zh-CN');
const pictures = (value: number) => `${count(value)} 张图片`;

export const library: typeof english = {
  library: {
    title: '图库',
    empty: 'Labelwright 能识别照片里的内容，一切都只在这台电脑上进行。',
    dropHere: '将文件夹拖到这里',
    dropToOpen: '松开即可标注文件夹中的照片',
    folders: (value) => `${count(value)} 个文件夹`,
    pictures,
    labeled: (done, total) => `已标注 ${count(done)} / ${count(total)}`,
    reviewed: (value) => `已审核 ${count(value)}`,
    allReviewed: '全部已审核',
    notLabeled: '尚未标注',
    noPictures: '这些文件夹中没有图片',
    unreachable: '暂时无法访问此文件夹。请连接磁盘后重新标注。',
    missing: (value) => `${count(value)} 张已不存在`,
    failed: (value) => `${count(value)} 张无法读取`,
    removeQuestion: (name) => `从列表中移除“${name}”？`,
    removeHint: '照片保持原样，所有审核结果仍保存在库中。',
    removeFolderQuestion: (folder) => `从此数据集中移除文件夹“${folder}”？`,
    name: '名称',
  },
  run: {
    scanning: (found) => `正在查找图片：已找到 ${count(found)} 张`,
    tuning: '正在为这台电脑寻找最快的设置（仅一次）…',
    loading: '正在载入模型',
    gentle: '温和模式',
    running: (done, total) => `正在标注 ${count(done)} / ${count(total)}`,
    paused: (done, total) => `已暂停：${count(done)} / ${count(total)}`,
    finished: (done) => `已标注 ${pictures(done)}`,
    cancelled: '已停止，已有的标签会保留。',
    failed: '运行已中断',
    rate: (rate) => `每秒 ${rate} 张`,
    left: (time) => `剩余 ${time}`,
    idle: '引擎就绪',
    progress: '运行进度',
  },
  failures: {
    title: '无法读取的文件',
    open: (value) => `${count(value)} 个文件无法读取`,
    none: '所有文件均可读取。',
    retry: '全部重试',
    retryHint: '修复或替换文件后再重试。',
    more: (value) => `再显示 ${count(value)} 个`,
  },
};
