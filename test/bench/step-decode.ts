/** @file Decoding alone against the decoders of OpenCV and Pillow, both of which shrink as they read. */
import type { AloneQuestion } from './alone.ts';
import { integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { photoSizes, type PhotoSize } from './corpus.ts';
import type { Finding } from './findings.ts';
import type { LineProcess } from './line-process.ts';
import { costs, interleave, timesCheaper, type Measured } from './measured.ts';
import { startAlone } from './parts.ts';
import { canImport, startPython } from './python.ts';

/** How far a JPEG decoder can shrink so that 256 pixels are left on the short side. */
const shrink = { vga: 1, '2mp': 4, '12mp': 8 } as const satisfies Record<PhotoSize, number>;

type Subject = 'ours' | 'opencv' | 'pillow';

export async function measureDecoding(context: BenchContext, size: PhotoSize): Promise<Finding> {
  const { plan, photos, models, python } = context;
  const paths = photos[size].slice(0, plan.decodePhotos[size]);
  await using alone = await startAlone(models);
  await using opencv = canImport(python, 'cv2', 'numpy') ? await startPython(python, 'decode.py', ['opencv']) : null;
  await using pillow = canImport(python, 'PIL', 'numpy') ? await startPython(python, 'decode.py', ['pillow']) : null;
  const question = {
    part: 'decode',
    modelId: integerId,
    paths,
    batchSize: 1,
    mergeWidth: 0,
    warm: true,
  } satisfies AloneQuestion;
  const ask = (peer: LineProcess | null) => peer && (() => peer.ask<Measured>({ paths, shrink: shrink[size] }));

  const passes = await interleave<Subject>(
    {
      ours: () => alone.ask<Measured>(question),
      opencv: ask(opencv),
      pillow: ask(pillow),
    },
    plan.patience.decode,
  );

  const row = (subject: Subject, title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  const by = shrink[size] === 1 ? '' : `, shrunk ${shrink[size]} times as it is read`;
  return {
    title: `Decoding alone, ${photoSizes[size].title}`,
    rows: [
      row('ours', 'Labelwright: read, hashed, decoded, resized'),
      ...(opencv ? [row('opencv', `OpenCV${by}`)] : []),
      ...(pillow ? [row('pillow', `Pillow${by}`)] : []),
    ],
    ratios: {
      [`decode_vs_opencv_${size}` as const]: timesCheaper(passes, 'ours', 'opencv', 'cpu'),
      [`decode_vs_pillow_${size}` as const]: timesCheaper(passes, 'ours', 'pillow', 'cpu'),
    },
  };
}
