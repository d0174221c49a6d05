/** @file What is asked of a machine about integers. What it answers depends on the machine. */
import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fullBytesGraph, fullBytesSums, integerGraph } from '../../../electron/engine/inference/integer-graphs.ts';
import { probeIntegers } from '../../../electron/engine/inference/integers.ts';
import type { OnnxModel } from '../../../electron/engine/models/onnx/model.ts';
import { temporaryFolder } from '../../support/library.ts';
import { runOnnx, uniformFloats } from '../../support/onnx-run.ts';

const shape = [1, 3, 28, 28];
const picture = uniformFloats(3 * 28 * 28, 1, 2);

/** The same arithmetic in floats, which hold these sums exactly: bytes become floats first. */
function inFloats({ graph, ...model }: OnnxModel): OnnxModel {
  // Without the step back to bytes behind a convolution, nothing is fused to integers.
  const nodes = graph.nodes.filter(({ operator }) => operator !== 'QuantizeLinear');
  const replaced = new Map(
    graph.nodes
      .filter(({ operator }) => operator === 'QuantizeLinear')
      .map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  );
  return {
    ...model,
    graph: {
      ...graph,
      nodes: nodes.map((node) =>
        replaced.has(node.inputs[0]!)
          ? { ...node, operator: 'Identity', inputs: [replaced.get(node.inputs[0]!)!] }
          : node,
      ),
    },
  };
}

test('the sums that are expected are those of floats', async () => {
  const { outputs, operators } = await runOnnx(inFloats(fullBytesGraph()), picture, shape);

  expect(operators).not.toContain('QLinearConv');
  for (const [name, { sums }] of Object.entries(fullBytesSums())) {
    for (const [index, sum] of sums.entries()) {
      // The mean over the picture is rounded.
      expect(Math.abs(outputs[name]![index]! - sum), name).toBeLessThan(1e-5 * Math.abs(sum) + 1);
    }
  }
});

test('integers run where they are looked at, with full bytes', async () => {
  const { operators } = await runOnnx(fullBytesGraph(), picture, shape);

  expect(operators.filter((operator) => operator === 'QLinearConv')).toHaveLength(2);
  expect((await runOnnx(integerGraph(), picture, shape)).operators).not.toContain('Conv');
});

test('a machine that cuts pairs of products to 16 bits would give other sums', () => {
  for (const { sums, step } of Object.values(fullBytesSums())) {
    // Pairs of one sign: ±64 770 becomes 32 767 or −32 768, about half of everything.
    const cut = sums.map((sum) => sum * (32_767.5 / 64_770));
    const told = sums.filter((sum, index) => Math.abs(sum - cut[index]!) > 2 * step);
    expect(told.length).toBeGreaterThan(sums.length * 0.8);
  }
});

test('a machine answers with a gain, and leaves nothing behind', async () => {
  // A place of its own: other tests measure at the same time, in the one of the system.
  const place = temporaryFolder();
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, place);
  onTestFinished(() => void vi.unstubAllEnvs());
  const started = Date.now();
  const { gain, exact, measuredMs } = await probeIntegers();

  expect(gain).toBeGreaterThan(0);
  expect(gain).toBeLessThan(20);
  expect(typeof exact).toBe('boolean');
  expect(measuredMs).toBeGreaterThanOrEqual(started);
  expect(readdirSync(place).filter((name) => name.startsWith('labelwright-integers-'))).toEqual([]);
});

test('the question can be taken back', async () => {
  await expect(probeIntegers({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
});
