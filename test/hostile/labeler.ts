/** @file The child process of the hostile test: labels one picture at a time and says what came of it. */
import { openClassifier } from '../../electron/engine/inference/classifier.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';

const registry = openRegistry([new URL('../../models', import.meta.url).pathname]);
const modelId = await registry.defaultId();
if (!modelId) throw new Error('No usable model under models/');
const classifier = await openClassifier(await registry.get(modelId), {
  threads: 1,
  decoders: 1,
  embeddings: false,
  provider: 'cpu',
});

process.on('message', ({ path }: { path: string }) => {
  void classifier.classify([{ id: 1, path }], { topK: 1 }).then(([image]) => {
    process.send?.(image?.ok ? { ok: true } : { ok: false, code: image?.code ?? 'none' });
  });
});
process.send?.({ ready: true });
