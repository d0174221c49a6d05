/** @file A model folder with a ResNeXt of one block a stage and random weights, quick enough for whole optimizations. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledModel } from '../../electron/engine/models/manifest.ts';
import { buildResnext } from '../../electron/engine/models/onnx/build.ts';
import { writeOnnx } from '../../electron/engine/models/onnx/write.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { parseArchitecture } from '../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../electron/engine/models/resnext/random.ts';

const side = 32;

/** @param models  the folder of models; made if it does not exist */
export async function writeTinyResnext(models: string, id = 'tiny'): Promise<InstalledModel> {
  const architecture = { ...parseArchitecture('ResNeXt[1,1,1,1]_4x4d')!, classCount: 5 };
  const folder = join(models, id);
  mkdirSync(folder, { recursive: true });
  const graph = buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: true, side });
  const file = await writeOnnx(join(folder, 'model.onnx'), graph);
  const classes = graph.graph.initializers.get('fc.weight')!.shape[0]!;
  const labels = Array.from({ length: classes }, (_, index) => ({ name: `label ${index}` }));
  writeFileSync(join(folder, 'labels.json'), JSON.stringify({ labels }));
  const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const manifest = {
    version: 1,
    id,
    title: 'Tiny',
    family: 'ResNeXt',
    description: '',
    file: 'model.onnx',
    ...file,
    input: { name: graph.graph.inputs[0]!.name, layout: 'NCHW', width: side, height: side },
    preprocess: { shortSide: side, cropWidth: side, cropHeight: side, ...imagenet },
    outputs: { logits: 'logits', features: 'features' },
    labels: 'labels.json',
    licence: 'CC0-1.0',
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return openRegistry([models]).get(id);
}
