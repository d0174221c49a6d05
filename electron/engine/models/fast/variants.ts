/** @file Which file of a model a run uses: the float one it was made from, or integers where they agree and pay off. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { baseModelId, fastSuffix, type FastVariant } from '#core/model.ts';
import type { Integers } from '../machine.ts';
import type { InstalledModel, Manifest } from '../manifest.ts';
import { openChoices } from './choices.ts';
import { checkVariant, readVariant, variantFiles, type Variant } from './variant-file.ts';

export interface Variants {
  /**
   * The model as a run takes it. 'a' is the integer form (with the id 'a@int8', its own file and SHA-256) if that is in
   * use, else the float form; 'a@int8' and 'a@original' insist on one.
   *
   * @throws {AppError} as `Registry.get`; 'not-found' with the reason for 'a@int8' where no integer form can be used
   */
  forRun(modelId: string): Promise<InstalledModel>;
  /** For lists; reads small files only. */
  of(folder: string, manifest: Manifest): Promise<FastVariant | null>;
  /** @throws {AppError} 'not-found', 'model.invalid' if it did not agree enough */
  use(modelId: string, use: boolean): Promise<void>;
  /** @throws {AppError} 'not-found' if none was made here */
  discard(modelId: string): Promise<void>;
}

/** As the models' own handlers see them. */
export interface OwnVariants extends Variants {
  /** Where the integer form of the model with this float file is made. */
  target(sha256: string): string;
  /** The model is gone: what was made of it goes too. */
  forget(sha256: string): Promise<void>;
}

export interface VariantsOptions {
  /** Model with its float file checked, as `Registry.get`. */
  get: (modelId: string) => Promise<InstalledModel>;
  /** The person's own models; absolute. */
  ownModels: string;
  /** What is known of integers on this machine; null before they have been tried. */
  integers: () => Integers | null;
  /** Try them now, and remember. */
  probeIntegers: () => Promise<Integers>;
}

/** Below that, a form that labels now and then differently is not worth it. */
const leastGain = 1.2;

/** In the models folder, where the registry does not look. */
const ownFolderName = '.fast';
/** In a model's own folder. */
const broughtFolderName = 'int8';

interface Found {
  folder: string;
  variant: Variant;
  own: boolean;
}

export function openVariants({ get, ownModels, integers, probeIntegers }: VariantsOptions): OwnVariants {
  const choices = openChoices(join(ownModels, ownFolderName, 'choices.json'));
  const target = (sha256: string) => join(ownModels, ownFolderName, sha256);
  /** Why the file of a form cannot be used, by the SHA-256 that it should have: found out when a run wanted it. */
  const damaged = new Map<string, AppError>();

  /** The one made here, else the one that came along. */
  async function find(folder: string, manifest: Pick<Manifest, 'sha256'>): Promise<Found | AppError | null> {
    let reason: AppError | null = null;
    for (const [place, own] of [
      [target(manifest.sha256), true],
      [join(folder, broughtFolderName), false],
    ] as const) {
      try {
        const variant = await readVariant(place, manifest);
        const known = variant && damaged.get(variant.sha256);
        if (known) throw known;
        if (variant) return { folder: place, variant, own };
      } catch (thrown) {
        reason ??= AppError.from(thrown);
      }
    }
    return reason;
  }

  function unusedBecause(
    { report, weightBits, original }: Variant,
    { gain, exact }: Pick<Integers, 'gain' | 'exact'>,
  ): FastVariant['unusedBecause'] {
    if (!report.passed) return 'differs';
    // What was compared is not what such a machine would compute; the person cannot know that.
    if (!exact && weightBits === 8) return 'inexact';
    const chosen = choices.get(original.sha256);
    if (chosen !== null) return chosen ? null : 'switched-off';
    return gain >= leastGain ? null : 'not-faster';
  }

  /** Before integers were tried, the best is assumed. */
  const assumed = () => integers() ?? { gain: leastGain, exact: true };

  async function checked({ folder, variant }: Found, model: InstalledModel): Promise<InstalledModel> {
    try {
      await checkVariant(folder, variant);
    } catch (thrown) {
      const reason = AppError.from(thrown);
      damaged.set(variant.sha256, reason);
      throw new AppError('not-found', reason.message, { cause: thrown });
    }
    const { sha256, sizeBytes } = variant;
    const title = `${model.manifest.title}, fast`;
    return {
      ...model,
      id: `${model.id}${fastSuffix}`,
      folder,
      manifest: { ...model.manifest, title, file: variantFiles.model, sha256, sizeBytes },
      sha256,
    };
  }

  async function foundOf(model: InstalledModel): Promise<Found> {
    const found = await find(model.folder, model.manifest);
    if (found === null) throw new AppError('not-found', `"${model.id}" has no fast form`);
    if (found instanceof AppError) throw new AppError('not-found', found.message, { cause: found });
    return found;
  }

  return {
    async forRun(modelId) {
      const model = await get(baseModelId(modelId));
      if (modelId.endsWith(fastSuffix)) {
        const found = await foundOf(model);
        const why = unusedBecause(found.variant, integers() ?? (await probeIntegers()));
        if (why === 'differs' || why === 'inexact') {
          throw new AppError('not-found', `The fast form of "${model.id}" ${reasons[why]}`);
        }
        return checked(found, model);
      }
      if (modelId !== model.id) return model;
      const found = await find(model.folder, model.manifest);
      if (found === null || found instanceof AppError || !found.variant.report.passed) return model;
      if (unusedBecause(found.variant, integers() ?? (await probeIntegers()))) return model;
      // Damaged after all: the float form is what it was made from.
      return checked(found, model).catch(() => model);
    },

    async of(folder, manifest) {
      const found = await find(folder, manifest);
      if (found === null || found instanceof AppError) return null;
      const { variant, own } = found;
      const why = unusedBecause(variant, assumed());
      return { sizeBytes: variant.sizeBytes, own, report: variant.report, inUse: why === null, unusedBecause: why };
    },

    async use(modelId, use) {
      const model = await get(baseModelId(modelId));
      const { variant } = await foundOf(model);
      if (use) {
        const why = unusedBecause(variant, integers() ?? (await probeIntegers()));
        if (why === 'differs' || why === 'inexact') {
          throw new AppError('model.invalid', `The fast form of "${model.id}" ${reasons[why]}`);
        }
      }
      choices.set(model.manifest.sha256, use);
    },

    async discard(modelId) {
      const { id, manifest } = await get(baseModelId(modelId));
      const made = await readVariant(target(manifest.sha256), manifest).catch(() => 'damaged' as const);
      if (made === null) throw new AppError('not-found', `No fast form of "${id}" was made here`);
      await rm(target(manifest.sha256), { recursive: true, force: true });
      choices.set(manifest.sha256, null);
    },

    target,

    async forget(sha256) {
      await rm(target(sha256), { recursive: true, force: true });
      if (choices.get(sha256) !== null) choices.set(sha256, null);
    },
  };
}

const reasons = {
  differs: 'did not agree enough with its original',
  inexact: 'would compute something else on this machine',
};
