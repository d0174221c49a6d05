/** @file Exports under a name, as the contract has them. */
import { basename } from 'node:path';
import type { EngineCallName, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { exporterFor } from './export/index.ts';
import type { ProfileKeeper } from './profile-keeper.ts';
import type { Store } from './store/store.ts';

type ProfileCallName = Extract<EngineCallName, `profiles.${string}`>;

/** @param told  something about a profile is to be shown again */
export function profileHandlers(
  { profiles }: Store,
  keeper: ProfileKeeper,
  told: (datasetId: number | null) => void,
): Handlers<ProfileCallName> {
  function changed(datasetId: number | null): void {
    keeper.profilesChanged(datasetId);
    told(datasetId);
  }

  function known(profileId: number) {
    const profile = profiles.get(profileId);
    if (!profile) throw new AppError('not-found', `There is no export profile ${profileId}`);
    return profile;
  }

  return {
    'profiles.list': ({ datasetId }) =>
      profiles.list(datasetId).map(({ path, ...profile }) => ({ ...profile, fileName: path && basename(path) })),

    'profiles.save': ({ datasetId, name, format, options }) => {
      exporterFor(format);
      const profileId = profiles.save({ datasetId, name, format, options, path: null, kept: false });
      changed(datasetId);
      return { profileId };
    },

    'profiles.keep-file': ({ datasetId, name, format, options, path }) => {
      const { title, target } = exporterFor(format);
      if (target !== 'file') {
        throw new AppError('input.invalid', `${title} is more than one file, and only a file is kept in step`);
      }
      const profileId = profiles.save({ datasetId, name, format, options, path, kept: true });
      changed(datasetId);
      return { profileId };
    },

    'profiles.keep': ({ profileId, on }) => {
      const { datasetId, path } = known(profileId);
      if (on && path === null) throw new AppError('input.invalid', 'This profile has no file to keep in step');
      profiles.setKept(profileId, on);
      changed(datasetId);
    },

    'profiles.remove': ({ profileId }) => {
      const { datasetId } = known(profileId);
      profiles.remove(profileId);
      changed(datasetId);
    },
  };
}
