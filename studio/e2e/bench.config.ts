// How fast the Studio is: figures and budgets.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { root: import.meta.dirname, include: ['bench.ts'], testTimeout: 300_000, hookTimeout: 120_000, globalSetup: ['template.ts'], reporters: ['default'] },
});
