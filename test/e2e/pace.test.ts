/** @file Nothing a person does at the keyboard is lost, however fast. How fast it may be: `npm run bench:app`. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProfile } from '../bench/app-library.ts';
import { decideAll } from '../pace/person.ts';
import { compare, learnLetter } from '../pace/stored.ts';
import { launchApp, temporaryFolder } from '../support/electron.ts';

test('a thousand pictures decided by keys at 40 a second are all stored as their keys said, in order', async () => {
  const profile = temporaryFolder('pace');
  const library = join(profile, 'library.labelwright');
  const count = 1000;
  await makeProfile(profile, count, 40);
  learnLetter(library);

  const app = await launchApp({ userData: profile });
  const { visibleMs, sent, reached } = await decideAll(app, count, 40);
  const { problems } = app;
  await app[Symbol.asyncDispose]();

  expect(problems).toEqual([]);
  expect(reached).toBe(sent);
  expect(compare(library, count)).toEqual({ wrong: [], inOrder: true });
  // Each was seen to change on the screen, too.
  expect(visibleMs.filter((ms) => ms !== undefined)).toHaveLength(count);
}, 180_000);
