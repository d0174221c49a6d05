import { expect, test } from 'vitest';
import { en } from '../../../renderer/messages/en.ts';
import { preprocessWords } from '../../../renderer/messages/preprocess.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';
import { preset } from '../support/models.ts';

test.each([
  ['paddleclas', 'OpenCV bilinear, 256 → 224', 'OpenCV 双线性，256 → 224'],
  ['torchvision-v2', 'bilinear, 232 → 224', '双线性，232 → 224'],
  ['timm:resnext50_32x4d.a1h_in1k', 'bicubic, 235 → 224', '双三次，235 → 224'],
])('%s in words', (name, english, chinese) => {
  expect(preprocessWords(en.models, preset(name))).toBe(english);
  expect(preprocessWords(zhCn.models, preset(name))).toBe(chinese);
});

test('stretching, oblong inputs and BGR are said', () => {
  const oblong = { ...preset('torchvision-v1'), fit: 'stretch' as const, cropWidth: 300, cropHeight: 200 };

  expect(preprocessWords(en.models, { ...oblong, channels: 'bgr' })).toBe('bilinear, stretched to 300 × 200, BGR');
});
