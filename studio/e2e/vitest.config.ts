// Journeys through a browser, against the real binary: one after the other within a file, each file with a server of its own.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.e2e.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    globalSetup: ['template.ts'],
    maxWorkers: 2,
    // A browser on a busy machine may miss its time once; what fails twice is wrong, and what failed once is told.
    retry: 1,
    reporters: ['default'],
  },
});
