/** @file From a folder to labels: ours against programs as people write them, each with its own settings. */
import { join } from 'node:path';
import { nodePath } from '../cli/labelwright.ts';
import { integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { photoSizes, repeated } from './corpus.ts';
import type { Finding, Ratios } from './findings.ts';
import { startLineProcess, type LineProcess } from './line-process.ts';
import { costs, interleave, timesCheaper, type Cost, type Measured, type Pass } from './measured.ts';
import { openPipeline } from './pipeline.ts';
import { canImport, startPython } from './python.ts';

const naiveScript = join(import.meta.dirname, 'peers/naive-node.mjs');

type Subject = 'ours' | 'naiveNode' | 'pythonOrt' | 'torchvision';

/** PyTorch gets the small photos only: it takes longest, and decodes as the other Python program does. */
export async function measureEndToEnd(context: BenchContext, size: 'vga' | '12mp'): Promise<Finding> {
  const { plan, photos, models, python, cachePath } = context;
  const paths = repeated(photos[size], plan.labeledPhotos[size]);
  const peerPaths = paths.slice(0, plan.peerPhotos[size]);
  const wantsTorch = size === 'vga' && canImport(python, 'torch', 'PIL', 'numpy');
  const wantsOrt = canImport(python, 'onnxruntime', 'PIL', 'numpy');

  await using pipeline = await openPipeline({
    modelsPaths: [models.folder],
    cachePath,
    threads: 0,
  });
  await using naiveNode = await startLineProcess(nodePath, [naiveScript, models.floatPath]);
  await using pythonOrt = wantsOrt ? await startPython(python, 'ort_pillow.py', [models.floatPath]) : null;
  await using torchvision = wantsTorch ? await startPython(python, 'torchvision_dataloader.py') : null;
  const ask = (peer: LineProcess | null, its: readonly string[]) => peer && (() => peer.ask<Measured>({ paths: its }));

  const passes = await interleave<Subject>(
    {
      ours: () => pipeline.label(paths, integerId),
      naiveNode: ask(naiveNode, peerPaths),
      pythonOrt: ask(pythonOrt, peerPaths),
      torchvision: ask(torchvision, paths.slice(0, plan.torchPhotos)),
    },
    plan.patience.endToEnd,
  );

  const row = (subject: Subject, title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  return {
    title: `From folder to labels, all cores, ${photoSizes[size].title}`,
    rows: [
      row('ours', 'Labelwright, int8'),
      row('naiveNode', 'naive Node script, fp32'),
      ...(pythonOrt ? [row('pythonOrt', 'Python: onnxruntime + Pillow, fp32')] : []),
      ...(torchvision ? [row('torchvision', 'Python: torchvision + DataLoader, fp32')] : []),
    ],
    ratios: ratiosOf(passes, size),
  };
}

function ratiosOf(passes: readonly Pass<Subject>[], size: 'vga' | '12mp'): Ratios {
  const against = (peer: Subject, cost: Cost) => timesCheaper(passes, 'ours', peer, cost);
  return {
    [`e2e_vs_naive_node_${size}` as const]: against('naiveNode', 'cpu'),
    [`e2e_vs_naive_node_${size}_wall` as const]: against('naiveNode', 'wall'),
    [`e2e_vs_python_ort_${size}` as const]: against('pythonOrt', 'cpu'),
    [`e2e_vs_python_ort_${size}_wall` as const]: against('pythonOrt', 'wall'),
    ...(size === 'vga' && {
      e2e_vs_torchvision_vga: against('torchvision', 'cpu'),
      e2e_vs_torchvision_vga_wall: against('torchvision', 'wall'),
    }),
  };
}
