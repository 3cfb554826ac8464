// How the Studio is built: a single page with relative addresses, so that it can stand below any path, and every file
// compressed beforehand. Must never let a page load from another origin, nor need `unsafe-inline`.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { compressed } from './build/compressed.ts';
import { icons } from './build/icons.ts';
import { policy } from './build/policy.ts';

/** Where `npm run dev` finds the API. */
const server = process.env.AEDILE_URL ?? 'http://localhost:8055';

export default defineConfig(({ command }) => ({
  base: command === 'build' ? './' : '/admin/',
  plugins: [icons(), svelte(), policy(), compressed()],
  build: {
    target: 'es2023',
    // The folder keeps a file of ours, so it is emptied by hand (see `compressed`).
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { '^/(?!admin)': { target: server, changeOrigin: false } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
