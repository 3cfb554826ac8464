// axe on every page, light and dark: nothing serious, nothing critical, and nothing in the console. Half of the pages are a file
// each, so that they are looked at side by side.
import { expect, test } from 'vitest';

import { faults, open, signIn, type Watched } from './browser';
import { exhibit } from './exhibits';
import { visit } from './pages';
import { start, type Person } from './server';
import type { Sight } from './sights/sight';
import { stage } from './stage';

/** Tests of so many pages. */
export function lookAtAll(sights: Sight[]) {
  const on = stage(async () => exhibit(await start()));
  /** Signing in takes longer than looking, so that windows are kept; a page that is tried once more gets another. */
  const windows = new Map<Person | undefined, Watched>();

  test.each(sights)('$name', async (sight) => {
    let watched = windows.get(sight.who);
    if (!watched || watched.page.isClosed()) {
      watched = await open(on.browser, on.server);
      if (sight.who) await signIn(watched.page, sight.who);
      windows.set(sight.who, watched);
    }
    await visit(watched.page, sight);
    for (const colorScheme of ['light', 'dark'] as const) {
      await watched.page.emulateMedia({ colorScheme });
      expect(await faults(watched.page), colorScheme).toEqual([]);
    }
    await sight.undo?.(watched.page);
    expect(watched.complaints.splice(0)).toEqual([]);
  });
}
