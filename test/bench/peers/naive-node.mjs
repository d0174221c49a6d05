/**
 * @file Labeling the way one writes it first: decode a picture, run the model, take the next. A program of its own, see
 * `line-process.ts`; its argument is the ONNX file, a question `{ "paths": […] }`.
 */
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';
import sharp from 'sharp';

const side = 224;
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];
const session = await ort.InferenceSession.create(process.argv[2]);

/** @param {string} path */
async function classify(path) {
  const rgb = await sharp(path).rotate().resize(side, side).removeAlpha().raw().toBuffer();
  const values = new Float32Array(3 * side * side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      values[channel * side * side + pixel] = (rgb[pixel * 3 + channel] / 255 - mean[channel]) / std[channel];
    }
  }
  const tensor = new ort.Tensor('float32', values, [1, 3, side, side]);
  const { logits } = await session.run({ input: tensor });
  const data = Array.from(/** @type {Float32Array} */ (logits.data));
  const total = data.reduce((sum, value) => sum + Math.exp(value), 0);
  return data
    .map((value, index) => ({ index, score: Math.exp(value) / total }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 5);
}

console.log('{}');
for await (const line of createInterface(process.stdin)) {
  /** @type {{ paths: string[] }} */
  const { paths } = JSON.parse(line);
  for (const path of paths.slice(0, 3)) await classify(path);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  for (const path of paths) await classify(path);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ images: paths.length, seconds, cpuSeconds: (user + system) / 1e6 }));
}
process.exit(0);
