// axe on every page: nothing serious, nothing critical, and nothing in the console. Light and dark are a file each, so that
// they run side by side.
import { expect, test } from 'vitest';

import { faults, open, signIn, type Watched } from './browser';
import { exhibit } from './exhibits';
import { SIGHTS, visit } from './pages';
import { start, type Person } from './server';
import { stage } from './stage';

/** Tests of every page in one of the two. */
export function lookAtEveryPage({ dark }: { dark: boolean }) {
  const on = stage(async () => exhibit(await start()));
  /** Signing in takes longer than looking, so that windows are kept; a page that is tried once more gets another. */
  const windows = new Map<Person | undefined, Watched>();

  test.each(SIGHTS)('$name', async (sight) => {
    let watched = windows.get(sight.who);
    if (!watched || watched.page.isClosed()) {
      watched = await open(on.browser, on.server, { dark });
      if (sight.who) await signIn(watched.page, sight.who);
      windows.set(sight.who, watched);
    }
    await visit(watched.page, sight);
    expect(await faults(watched.page)).toEqual([]);
    await sight.undo?.(watched.page);
    expect(watched.complaints.splice(0)).toEqual([]);
  });
}
