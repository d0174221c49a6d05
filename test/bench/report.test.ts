import { expect, test } from 'vitest';
import { meets, ratioKinds } from './findings.ts';
import { asJson, asMarkdown, asText, replaceGenerated, type Report } from './report.ts';

const spread = { median: 2.6, min: 2.4, max: 2.7 };
const report: Report = {
  date: '2026-11-24T12:00:00.000Z',
  command: 'npm run bench',
  machine: {
    processor: 'Some processor',
    cores: 2,
    memoryGigabytes: 24,
    system: 'Linux 6',
    load: 0.1,
    busyShare: 0.02,
    versions: { node: '24.0.0' },
  },
  findings: [
    {
      title: 'Inference alone',
      rows: [{ subject: 'int8', cpu: { median: 20, min: 19, max: 21 }, wall: null }],
      ratios: { int8_vs_ort_fp32: spread, e2e_vs_torchvision_vga: null },
    },
    { title: 'Cores', rows: [], ratios: { two_cores_vs_one: { median: 1.5, min: 1.4, max: 1.6 } } },
  ],
  memory: { int8: 280.4, fp32: null },
  tunings: [
    {
      form: 'int8',
      cores: 2,
      tuning: { sessions: 2, threads: 1, batchSize: 4, mergeWidth: 32, imagesPerSecond: 90, measuredMs: 1 },
    },
  ],
};

test('the JSON has a place for every ratio, null where nothing was measured', () => {
  const { ratios, spreads, memoryMegabytes } = asJson(report);
  expect(Object.keys(ratios)).toEqual(Object.keys(ratioKinds));
  expect(ratios).toMatchObject({ int8_vs_ort_fp32: 2.6, two_cores_vs_one: 1.5, e2e_vs_torchvision_vga: null });
  expect(ratios['e2e_vs_naive_node_vga']).toBeNull();
  expect(spreads['int8_vs_ort_fp32']).toEqual(spread);
  expect(memoryMegabytes).toEqual({ int8: 280.4, fp32: null });
});

test('the JSON names every ratio that was promised', () => {
  const promised = [
    'int8_vs_ort_fp32',
    'fp32_vs_ort_fp32',
    'pipeline_cpu_vs_parts_vga',
    'pipeline_cpu_vs_parts_2mp',
    'pipeline_cpu_vs_parts_12mp',
    'e2e_vs_naive_node_vga',
    'e2e_vs_naive_node_12mp',
    'e2e_vs_python_ort_vga',
    'e2e_vs_torchvision_vga',
    'two_cores_vs_one',
  ];
  expect(Object.keys(asJson(report).ratios)).toEqual(expect.arrayContaining(promised));
});

test('goals are met from their bound on, in either direction', () => {
  expect(meets('int8_vs_ort_fp32', 2.5)).toBe(true);
  expect(meets('int8_vs_ort_fp32', 2.49)).toBe(false);
  expect(meets('pipeline_cpu_vs_parts_vga', 1.1)).toBe(true);
  expect(meets('pipeline_cpu_vs_parts_vga', 1.11)).toBe(false);
  expect(meets('int8_vs_ort_fp32', null)).toBeNull();
  expect(meets('decode_vs_opencv_vga', 0.1)).toBeNull();
});

test('the Markdown says what was met, what was missed and what was not measured', () => {
  const lines = asMarkdown(report).split('\n');
  expect(lines).toContain('| inference, int8 against onnxruntime fp32 | **2.60** | 2.40 … 2.70 | ≥ 2.5 | met |');
  expect(lines).toContain(
    '| two cores against one, int8, 640 × 480, by the clock | **1.50** | 1.40 … 1.60 | ≥ 1.8 | **missed** |',
  );
  expect(lines).toContain('| int8 | 2 | 2 × 1 | 4 | 32 | measured |');
  expect(lines).toContain('| int8 | 280 | ≤ 300 | met |');
  expect(lines).toContain('| fp32 | not measured | ≤ 550 |  |');
  expect(lines).toContain('| int8 | 20.0 | 19.0 … 21.0 |  |  |');
});

test('tables stand in columns on the terminal', () => {
  expect(asText('Words\n\n| a | bb |\n| --- | --- |\n| **ccc** | d |')).toBe('Words\n\na    bb\nccc  d\n');
});

test('only what stands between the marks is replaced', () => {
  const begin = '<!-- bench: begin; written by `npm run bench` -->';
  const end = '<!-- bench: end -->';
  const text = `By hand\n${begin}\n\nold\n\n${end}\nalso by hand\n`;
  expect(replaceGenerated(text, 'new $& figures')).toBe(
    `By hand\n${begin}\n\nnew $& figures\n\n${end}\nalso by hand\n`,
  );
  expect(() => replaceGenerated('no marks', 'new')).toThrow(/bench: begin/);
  expect(() => replaceGenerated(`${end}${begin}`, 'new')).toThrow(/in this order/);
});
