/** @file Bundle the page that Electron shows. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const path = (relative: string) => new URL(relative, import.meta.url).pathname;

export default defineConfig({
  root: path('renderer'),
  // Relative addresses: the page is served from app://, not from the root of a web server.
  base: './',
  plugins: [svelte({ configFile: path('svelte.config.js') })],
  build: {
    outDir: path('out/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    // The content security policy allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // How long each plugin took is not news.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
