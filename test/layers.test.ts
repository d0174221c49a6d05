/** @file The layer table of eslint.config.js really stops the imports it forbids, and lets the others pass. */
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

// Without types: the rule under test reads the import lines alone, and one file needs milliseconds instead of seconds.
const eslint = new ESLint({
  cwd: new URL('..', import.meta.url).pathname,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports',
});

/** What the rule says about one import in a file of that name. */
async function complaints(filePath: string, imported: string): Promise<string[]> {
  const line = `import '${imported}';\n`;
  const code = filePath.endsWith('.svelte') ? `<script lang="ts">\n${line}</script>\n` : line;
  const [result] = await eslint.lintText(code, { filePath });
  expect(result?.messages.filter((message) => message.fatal)).toEqual([]);
  return result!.messages.map(({ message }) => message);
}

const forbidden: Record<string, string[]> = {
  'electron/core/x.ts': ['node:fs', 'fs', 'zod', 'electron', '#contract/calls.ts', '#host', 'svelte'],
  'electron/contract/x.ts': ['node:path', 'electron', '#host', '#engine/run.ts', '../core/errors.ts', 'zodiac'],
  'electron/engine/x.ts': ['electron', '#host', '../host/engine-process.ts', 'commander', 'svelte', 'sharpish'],
  'electron/engine/store/x.ts': ['../../core/errors.ts', 'electron'],
  'electron/host/x.ts': ['electron', 'sharp', 'better-sqlite3', '../engine/engine.ts', '#host'],
  'electron/main/x.ts': ['sharp', 'onnxruntime-node', '../engine/engine.ts', '#host/restart-budget.ts', 'svelte'],
  'electron/cli/commands/x.ts': ['electron', 'sharp', '../../engine/engine.ts', '../../host/engine-process.ts', 'zod'],
  'electron/preload/x.ts': ['node:fs', '#core/errors.ts', '#contract/calls.ts', 'zod'],
  'renderer/state/x.svelte.ts': ['electron', 'node:fs', '#host', '../../electron/core/errors.ts', 'sharp'],
  'renderer/components/X.svelte': ['electron', 'node:path', '#host', '../../electron/contract/calls.ts'],
};

const allowed: Record<string, string[]> = {
  'electron/core/x.ts': ['./errors.ts'],
  'electron/contract/x.ts': ['./result.ts', '#core/errors.ts', 'zod'],
  'electron/engine/store/x.ts': ['../decode.ts', '#core/errors.ts', '#contract/calls.ts', 'node:fs', 'better-sqlite3'],
  'electron/engine/x.ts': ['sharp', 'onnxruntime-node', './store/database.ts', 'node:fs/promises'],
  'electron/host/x.ts': ['#contract/channel.ts', 'node:child_process', './restart-budget.ts'],
  'electron/main/x.ts': ['#host', '#core/errors.ts', 'node:path', 'electron', './menu.ts'],
  'electron/cli/commands/x.ts': ['#host', '#contract/calls.ts', 'node:process', 'commander', '../progress.ts'],
  'electron/preload/x.ts': ['electron'],
  'renderer/state/x.svelte.ts': ['../api.ts', '#core/image.ts', '#contract/calls.ts', 'svelte/reactivity'],
  'renderer/components/X.svelte': ['../state/review.svelte.ts', '#core/image.ts', 'svelte', '@lucide/svelte/icons/x'],
};

for (const [file, names] of Object.entries(forbidden)) {
  test.each(names)(`${file} may not import %s`, async (name) => {
    expect(await complaints(file, name)).not.toEqual([]);
  });
}

for (const [file, names] of Object.entries(allowed)) {
  test.each(names)(`${file} may import %s`, async (name) => {
    expect(await complaints(file, name)).toEqual([]);
  });
}
