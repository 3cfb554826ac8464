// The demo project, loaded once: every server of the tests begins with a copy of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { load } from './server';

declare module 'vitest' {
  export interface ProvidedContext {
    template: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'aedile-template-'));
  await load(folder);
  project.provide('template', folder);
  return () => rm(folder, { recursive: true, force: true });
}
