// Pictures of every page; where to is said in SCREENSHOTS.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { root: import.meta.dirname, include: ['screenshots.ts'], testTimeout: 3_600_000, hookTimeout: 120_000, globalSetup: ['template.ts'] },
});
