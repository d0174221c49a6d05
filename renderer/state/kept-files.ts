/** @file Tells once, wherever the person is, that a file could not be kept in step. */
import type { WriteProblem } from '#core/export-profile.ts';
import { call, on } from '../api.ts';

/** @returns the function that stops */
export function followKeptFiles(onProblem: (fileName: string, problem: WriteProblem) => void): () => void {
  /** Profiles whose problem was told and is not over. */
  const told = new Set<number>();

  async function look(datasetId: number): Promise<void> {
    for (const { id, kept, problem, fileName } of await call('profiles.list', { datasetId })) {
      if (!kept || problem === null) told.delete(id);
      else if (!told.has(id)) {
        told.add(id);
        onProblem(fileName ?? '', problem);
      }
    }
  }

  return on('profiles.changed', ({ datasetId }) => {
    // Files belong to one dataset. Whatever keeps the list from being read is told elsewhere.
    if (datasetId !== null) void look(datasetId).catch(() => undefined);
  });
}
