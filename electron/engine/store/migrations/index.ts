/** @file Every schema change, oldest first. Only ever add to the end. */
import { start } from './0001-start.ts';
import { growth } from './0002-growth.ts';
import { search } from './0003-search.ts';
import { learning } from './0004-learning.ts';
import { looks } from './0005-looks.ts';
import { profiles } from './0006-profiles.ts';
import { keywords } from './0007-keywords.ts';

export const migrations: readonly string[] = [start, growth, search, learning, looks, profiles, keywords];
