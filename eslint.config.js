// @ts-check
/** @file What every file must keep to; above all, which folder may import what. */
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * The layers. A folder may import its own files by relative paths, and from elsewhere only what stands here.
 * A name that ends in '/' or ':' allows what follows it, a '#name' exactly itself, a package also its subpaths.
 *
 * @type {Record<string, string[]>}
 */
const layers = {
  'electron/core': [],
  'electron/contract': ['#core/', 'zod'],
  'electron/engine': [
    '#core/',
    '#contract/',
    'node:',
    'zod',
    'sharp',
    'better-sqlite3',
    'onnxruntime-node',
    'csv-parse',
    'exiftool-vendored',
    'hyparquet-writer',
    'hyparquet',
    'sax',
  ],
  'electron/host': ['#core/', '#contract/', 'node:'],
  'electron/main': ['#core/', '#contract/', '#host', 'node:', 'electron', 'zod'],
  'electron/cli': ['#core/', '#contract/', '#host', 'node:', 'commander', 'cli-progress'],
  'electron/preload': ['electron'],
  renderer: ['#core/', '#contract/', 'svelte', '@lucide/svelte'],
};

/** @param {string} name */
const asRegex = (name) => name + (/[/:]$/.test(name) ? '' : name.startsWith('#') ? '$' : '(?:/|$)');

/** Everything inside `electron/` and `renderer/` that a relative path must not reach into from another layer. */
const siblings = '^(?:\\.\\./)+(?:core|contract|engine|host|main|preload|cli|electron|renderer|test|build)/';

/** @type {import('eslint').Linter.Config[]} */
const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  files: [`${folder}/**/*.{ts,js,svelte}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!${['\\.{1,2}/', ...allowed.map(asRegex)].join('|')})`,
            message: `${folder} may import only its own files${allowed.length ? `, ${allowed.join(', ')}` : ''}.`,
          },
          { regex: siblings, message: 'Cross a layer with #layer/…, not with ../' },
        ],
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ['out/', 'dist/', 'node_modules/', 'coverage/', 'test/fixtures/'] },
  ts.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // `void` marks the promises nobody waits for; an async handler of an event is fine.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      // An interface may ask for a promise that some file has no reason to wait in.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Tests read files and answers whose shape they are there to check.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    // State is replaced as a whole ($state.raw) or kept out of reactivity on purpose; plain Maps and Sets are right there.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-eval': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte'],
    // Properties are taken apart with `let`: Svelte reassigns them, which only its own rule knows.
    rules: { 'svelte/no-at-html-tags': 'error', 'prefer-const': 'off', 'svelte/prefer-const': 'error' },
  },
  { files: ['electron/cli/**', 'build/**', 'test/**'], rules: { 'no-console': 'off' } },
  // These tests try what the page's security policy must stop.
  { files: ['test/e2e/**'], rules: { 'no-eval': 'off', '@typescript-eslint/no-implied-eval': 'off' } },
  layerRules,
);
