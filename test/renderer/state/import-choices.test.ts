import { expect, test } from 'vitest';
import { importChoicesSchema } from '#contract/model-calls.ts';
import type { Preprocess } from '#core/preprocess.ts';
import {
  choicesOf,
  draftOf,
  issuesOf,
  otherPresets,
  own,
  preprocessOf,
  type ImportDraft,
} from '../../../renderer/state/import-choices.ts';
import { preset, proposal } from '../support/models.ts';

const start = draftOf(proposal());
const withOwn = (patch: Partial<Preprocess>): ImportDraft => ({
  ...start,
  preprocess: own,
  ownPreprocess: { ...preset('paddleclas'), ...patch },
});

test('the best guess of everything is ready to be taken', () => {
  expect(issuesOf(start, ['other'])).toEqual(new Set());
  expect(choicesOf(start)).toEqual({
    id: 'birds',
    title: 'birds',
    preprocess: 'torchvision-v2',
    labels: 'numbers',
    outputs: 'logits',
    licence: '',
  });
});

test('what no trial could tell has to be said', () => {
  const draft = draftOf(proposal({ outputs: 'unknown' }));

  expect(issuesOf(draft, [])).toEqual(new Set(['outputs']));
  expect(issuesOf({ ...draft, outputs: 'scores' }, [])).toEqual(new Set());
});

test.each<[string, Partial<ImportDraft>, string]>([
  ['an empty name', { title: '  ' }, 'title'],
  ['capitals in the id', { id: 'Birds' }, 'id'],
  ['an id that begins with a dot', { id: '.birds' }, 'id'],
  ['an empty id', { id: '' }, 'id'],
  ['the id of another model', { id: 'taken' }, 'idTaken'],
])('%s is an issue', (_, patch, issue) => {
  expect(issuesOf({ ...start, ...patch }, ['taken'])).toEqual(new Set([issue]));
});

/** [patch, the issue, or none] */
const numbers: [Partial<Preprocess>, string | null][] = [
  [{}, null],
  [{ shortSide: 223 }, 'crop'],
  [{ shortSide: 223, fit: 'stretch' }, null],
  [{ cropWidth: 0 }, 'side'],
  [{ cropHeight: 10.5 }, 'side'],
  [{ shortSide: Number.NaN }, 'side'],
  [{ shortSide: 4097 }, 'side'],
  [{ std: [0.2, 0, 0.2] }, 'std'],
  [{ std: [0.2, -1, 0.2] }, 'std'],
  [{ mean: [0.5, Number.NaN, 0.5] }, 'number'],
  [{ mean: [0, 0, 0], std: [1, 1, 1], channels: 'bgr', kernel: 'cubic', antialias: true }, null],
];

test.each(numbers)("numbers of one's own %j: the form says %s, and the engine agrees", (patch, issue) => {
  const draft = withOwn(patch);

  expect([...issuesOf(draft, [])]).toEqual(issue === null ? [] : [issue]);
  // What the form lets through, the engine takes; what it stops would be refused there.
  const choices: unknown = JSON.parse(JSON.stringify(choicesOf(draft)));
  expect(importChoicesSchema.safeParse(choices).success).toBe(issue === null);
});

test('presets that were not proposed can be chosen, but only those whose picture a finished graph takes', () => {
  const weights = otherPresets(proposal());
  expect(weights).toContain('torchvision-v1');
  expect(weights).toContain('timm:resnext50_32x4d.a1h_in1k@288');
  expect(weights).not.toContain('paddleclas');

  const graph = otherPresets(proposal({ format: 'onnx' }));
  expect(graph).toContain('torchvision-v1');
  expect(graph).not.toContain('timm:resnext50_32x4d.a1h_in1k@288');
});

test("the numbers in force are those of the proposal, of the preset, or one's own", () => {
  const stated = { ...preset('torchvision-v1'), shortSide: 300 };
  const asked = proposal({ preprocess: [{ name: 'custom', preprocess: stated }] });
  const draft = draftOf(asked);

  expect(preprocessOf(draft, asked).shortSide).toBe(300);
  expect(preprocessOf({ ...draft, preprocess: 'torchvision-v2' }, asked).shortSide).toBe(232);
  expect(preprocessOf({ ...withOwn({ shortSide: 500 }) }, asked).shortSide).toBe(500);
});
