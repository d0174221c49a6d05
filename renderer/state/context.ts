/** @file How components reach the state of the app. */
import { createContext } from 'svelte';
import type { AppState } from './app.svelte.ts';

export const [getApp, setApp] = createContext<AppState>();
