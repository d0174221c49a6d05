/** @file The words of menus and dialogs; the page has its own. */
import type { Settings } from '#core/settings.ts';

export type Language = 'en' | 'zh-CN';

const en = {
  file: 'File',
  openFolder: 'Add Folder…',
  export: 'Export Labels…',
  importLabels: 'Import Labels…',
  edit: 'Edit',
  review: 'Review',
  startRun: 'Label Photos',
  pauseRun: 'Pause',
  undo: 'Undo Decision',
  redo: 'Redo Decision',
  selectAll: 'Select All Photos',
  find: 'Find…',
  view: 'View',
  library: 'Library',
  reviewScreen: 'Review',
  models: 'Models',
  settings: 'Settings',
  sidebar: 'Sidebar',
  inspector: 'Inspector',
  help: 'Help',
  shortcuts: 'Keyboard Shortcuts',
  window: 'Window',
  chooseFolders: 'Choose folders of photos',
  chooseFoldersButton: 'Add',
  saveExport: 'Save labels',
  saveModel: 'Save what was learned',
  savePlot: 'Save plot',
  chooseModelFile: 'Choose a model file',
  chooseModelFolder: 'Choose the folder of a model',
  modelFiles: 'Models and weights',
  allFiles: 'All files',
  chooseLabels: 'Choose the list of labels',
  labelLists: 'Lists of labels',
  chooseLabeledFile: 'Choose the file with labels',
  chooseLabeledFolder: 'Choose the folder with labels',
  labeledFiles: 'Labels',
  samples: 'Sample photos',
  noSuchFolder: 'These folders could not be found:',
};

export type Messages = typeof en;

const zhCN: Messages = {
  file: '文件',
  openFolder: '添加文件夹…',
  export: '导出标签…',
  importLabels: '导入标签…',
  edit: '编辑',
  review: '审核',
  startRun: '标注照片',
  pauseRun: '暂停',
  undo: '撤销决定',
  redo: '重做决定',
  selectAll: '选择全部照片',
  find: '查找…',
  view: '视图',
  library: '图库',
  reviewScreen: '审核',
  models: '模型',
  settings: '设置',
  sidebar: '侧边栏',
  inspector: '检查器',
  help: '帮助',
  shortcuts: '键盘快捷键',
  window: '窗口',
  chooseFolders: '选择照片文件夹',
  chooseFoldersButton: '添加',
  saveExport: '保存标签',
  saveModel: '保存学习结果',
  savePlot: '保存图表',
  chooseModelFile: '选择模型文件',
  chooseModelFolder: '选择模型所在的文件夹',
  modelFiles: '模型和权重',
  allFiles: '所有文件',
  chooseLabels: '选择标签列表',
  labelLists: '标签列表',
  chooseLabeledFile: '选择标签文件',
  chooseLabeledFolder: '选择标签文件夹',
  labeledFiles: '标签',
  samples: '示例照片',
  noSuchFolder: '找不到以下文件夹：',
};

export const messages: Record<Language, Messages> = { en, 'zh-CN': zhCN };

/** @param systemLocale  of the system, e.g. 'zh-Hans-CN'; every Chinese gets the simplified one, the only one we have */
export function languageOf(setting: Settings['language'], systemLocale: string): Language {
  if (setting !== 'system') return setting;
  return /^zh\b/i.test(systemLocale) ? 'zh-CN' : 'en';
}
