import { expect, test } from 'vitest';
import { en } from '../../../renderer/messages/en.ts';
import { modelTitle } from '../../../renderer/messages/model-title.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';

const models = [{ id: 'tags', title: 'Tags' }];

test('a result says which form of a model it is of', () => {
  const ids = ['tags', 'tags@int8', 'tags@original'];
  expect(ids.map((id) => modelTitle(en.models, models, id))).toEqual(['Tags', 'Tags (fast)', 'Tags (original)']);
  expect(ids.map((id) => modelTitle(zhCn.models, models, id))).toEqual(['Tags', 'Tags（快速版）', 'Tags（原版）']);
});

test('a model that is gone keeps the name it had, or its id', () => {
  expect(modelTitle(en.models, models, 'gone@int8', 'Gone, fast')).toBe('Gone, fast');
  expect(modelTitle(en.models, models, 'gone@int8')).toBe('gone@int8');
});
