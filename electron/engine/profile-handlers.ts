/** @file Exports under a name, as the contract has them. */
import { basename } from 'node:path';
import type { EngineCallName, EventName, Events, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { exporterFor } from './export/index.ts';
import type { Store } from './store/store.ts';

type ProfileCallName = Extract<EngineCallName, `profiles.${string}`>;

export function profileHandlers(
  store: Store,
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void,
): Handlers<ProfileCallName> {
  const { profiles } = store;

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
      emit('profiles.changed', { datasetId });
      return { profileId };
    },

    'profiles.keep-file': ({ datasetId, name, format, options, path }) => {
      exporterFor(format);
      const profileId = profiles.save({ datasetId, name, format, options, path, kept: true });
      emit('profiles.changed', { datasetId });
      return { profileId };
    },

    'profiles.keep': ({ profileId, on }) => {
      const { datasetId, path } = known(profileId);
      if (on && path === null) throw new AppError('input.invalid', 'This profile has no file to keep in step');
      profiles.setKept(profileId, on);
      emit('profiles.changed', { datasetId });
    },

    'profiles.remove': ({ profileId }) => {
      const { datasetId } = known(profileId);
      profiles.remove(profileId);
      emit('profiles.changed', { datasetId });
    },
  };
}
