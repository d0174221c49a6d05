import { expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { own } from '../../../renderer/state/import-choices.ts';
import { ImportState } from '../../../renderer/state/model-import.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';
import { proposal } from '../support/models.ts';

const recognised = proposal();

async function chosen(answers: Parameters<typeof fakeBridge>[0] = {}) {
  const bridge = fakeBridge({
    'models.choose': () => recognised,
    'models.import-cancel': () => undefined,
    ...answers,
  });
  const importing = new ImportState(() => ['taken']);
  await importing.choose('file');
  return { bridge, importing };
}

test('a file that was recognised asks for decisions', async () => {
  const { importing, bridge } = await chosen();

  expect(importing.step).toBe('decide');
  expect(importing.draft).toMatchObject({ title: 'birds', id: 'birds', preprocess: 'torchvision-v2' });
  expect(bridge.called('models.choose')).toEqual([{ kind: 'file' }]);
});

test('giving up in the dialog leaves everything as it was', async () => {
  const { importing } = await chosen({ 'models.choose': () => null });

  expect([importing.step, importing.problem]).toEqual(['choose', null]);
});

test('a file that is no model says why, and another one can be chosen', async () => {
  const { importing, bridge } = await chosen({
    'models.choose': () => {
      throw new AppError('model.unsupported', 'layer1.0.conv2.weight has another shape');
    },
  });
  expect(importing.step).toBe('choose');
  expect(importing.problem).toEqual({
    at: 'file',
    code: 'model.unsupported',
    message: 'layer1.0.conv2.weight has another shape',
  });

  bridge.answers['models.choose'] = () => recognised;
  await importing.choose('folder');
  expect([importing.step, importing.problem]).toEqual(['decide', null]);
});

test('who begins to edit numbers starts from those of the preset chosen', async () => {
  const { importing } = await chosen();
  importing.set({ preprocess: 'paddleclas' });
  importing.set({ preprocess: own });

  expect(importing.draft?.ownPreprocess).toMatchObject({ shortSide: 256, antialias: false });
});

test('a list of labels that fits is taken, one that does not is refused in its place', async () => {
  const { importing, bridge } = await chosen({
    'models.choose-labels': () => ({
      ...recognised,
      labels: [{ source: 'file', count: 3, firstNames: ['a', 'b', 'c'] }, ...recognised.labels],
    }),
  });
  importing.set({ title: 'Kept' });
  await importing.chooseLabels();
  expect(importing.draft).toMatchObject({ labels: 'file', title: 'Kept' });

  bridge.answers['models.choose-labels'] = () => {
    throw new AppError('model.unsupported', 'The list has 2 labels');
  };
  await importing.chooseLabels();
  expect(importing.problem).toMatchObject({ at: 'labels', message: 'The list has 2 labels' });
  expect(importing.draft?.labels).toBe('file');
});

test('adding hands over the choices and follows its own progress only', async () => {
  const answer = Promise.withResolvers<{ modelId: string }>();
  const { importing, bridge } = await chosen({ 'models.import': () => answer.promise });
  importing.set({ licence: ' MIT ' });
  const added = importing.add();
  expect(importing.step).toBe('adding');

  bridge.emit('import.progress', { importId: 99, step: 'checking', share: 0.9 });
  expect(importing.progress?.step).toBe('reading');
  bridge.emit('import.progress', { importId: 7, step: 'converting', share: 0.5 });
  expect(importing.progress).toMatchObject({ step: 'converting', share: 0.5 });

  answer.resolve({ modelId: 'birds' });
  await added;
  expect([importing.step, importing.addedId]).toEqual(['added', 'birds']);
  expect(bridge.called('models.import')).toEqual([
    { importId: 7, choices: expect.objectContaining({ id: 'birds', preprocess: 'torchvision-v2', licence: 'MIT' }) },
  ]);
});

test('nothing is added while something is wrong with the choices', async () => {
  const { importing, bridge } = await chosen({ 'models.import': () => ({ modelId: 'x' }) });
  importing.set({ id: 'taken' });
  await importing.add();

  expect(importing.step).toBe('decide');
  expect(bridge.called('models.import')).toEqual([]);
});

test('an import that fails keeps the choices, to be changed and tried again', async () => {
  const { importing } = await chosen({
    'models.import': () => {
      throw new AppError('model.invalid', 'The model gives no finite scores');
    },
  });
  importing.set({ title: 'Kept' });
  await importing.add();

  expect(importing.step).toBe('decide');
  expect(importing.problem).toMatchObject({ at: 'adding', message: 'The model gives no finite scores' });
  expect(importing.draft?.title).toBe('Kept');
  importing.set({ title: 'Changed' });
  expect(importing.problem).toBeNull();
});

test('closing forgets what was recognised, but nothing that was added', async () => {
  const first = await chosen();
  await first.importing.close();
  expect(first.bridge.called('models.import-cancel')).toEqual([{ importId: 7 }]);

  const second = await chosen({ 'models.import': () => ({ modelId: 'birds' }) });
  await second.importing.add();
  await second.importing.close();
  expect(second.bridge.called('models.import-cancel')).toEqual([]);
});

test('choosing another file forgets the one before', async () => {
  const { importing, bridge } = await chosen();
  bridge.answers['models.choose'] = () => proposal({ importId: 8, title: 'other' });
  await importing.choose('file');

  expect(bridge.called('models.import-cancel')).toEqual([{ importId: 7 }]);
  expect(importing.draft?.title).toBe('other');
});

test('a file still being looked at when the sheet closes is forgotten when it has been recognised', async () => {
  const answer = Promise.withResolvers<typeof recognised>();
  const bridge = fakeBridge({ 'models.choose': () => answer.promise, 'models.import-cancel': () => undefined });
  const importing = new ImportState(() => []);
  const choosing = importing.choose('file');
  expect(importing.step).toBe('looking');
  await importing.close();
  answer.resolve(recognised);
  await choosing;

  expect(bridge.called('models.import-cancel')).toEqual([{ importId: 7 }]);
});
