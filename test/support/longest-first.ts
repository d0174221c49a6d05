/** @file In which order test files run: those that take longest first, so that no core waits for the other in the end. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take more than ten seconds of two cores, longest first, as measured on the whole suite.
 *
 * Vitest knows times of its own only where it has run before; a fresh clone would begin with the largest files.
 */
const longest = [
  'test/build/fast-model.test.ts',
  'test/engine/models/tuning.test.ts',
  'test/cli/models-installed.test.ts',
  'test/engine/models/downloads.test.ts',
  'test/engine/models/onnx/build.test.ts',
  'test/engine/inference/priority.test.ts',
  'test/host/quarantine.test.ts',
  'test/engine/inference/odd-pictures.test.ts',
  'test/cli/label.test.ts',
  'test/cli/models-download.test.ts',
  'test/engine/crop.test.ts',
  'test/hostile/over-folder.test.ts',
  'test/engine/models/installed-handlers.test.ts',
  'test/engine/models/import/onnx.test.ts',
  'test/cli/import.test.ts',
  'test/host/engine-process.test.ts',
  'test/engine/engine.test.ts',
  'test/engine/inference/private-model.test.ts',
  'test/engine/inference/providers.test.ts',
  'test/cli/models-optimize.test.ts',
  'test/engine/import/million-rows.test.ts',
  'test/engine/run-queue.test.ts',
  'test/engine/keywords/cut-off.test.ts',
  'test/engine/keywords/inside.test.ts',
  'test/engine/inference/classifier.test.ts',
  'test/engine/models/onnx/quantize.test.ts',
  'test/engine/keywords/sidecars.test.ts',
  'test/cli/models-add.test.ts',
  'test/engine/learn/learned-model.test.ts',
  'test/main/addresses.test.ts',
  'test/engine/models/import/weights.test.ts',
  'test/engine/models/measure.test.ts',
  'test/kill/kill.test.ts',
  'test/engine/models/fast/optimize.test.ts',
  'test/engine/inference/trial.test.ts',
  'test/engine/learn/learner.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const known = longest.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return known < 0 ? longest.length : known;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
