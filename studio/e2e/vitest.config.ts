// Journeys through a browser, against the real binary: one after the other within a file, each file with a server of its own.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.e2e.ts'],
    // Of a machine that is half as fast, and busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    globalSetup: ['template.ts'],
    maxWorkers: 2,
    // A browser on a busy machine may miss its time once; what fails twice is wrong, and what failed once is told (see `stage`).
    retry: 1,
    reporters: ['default'],
  },
});
