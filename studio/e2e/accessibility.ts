// axe on every page: nothing serious, nothing critical, and nothing in the console. Light and dark are a file each, so that
// they run side by side.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { faults, launch, open, signIn, type Watched } from './browser';
import { exhibit } from './exhibits';
import { SIGHTS, visit } from './pages';
import { start, type Person, type Server } from './server';

/** Tests of every page in one of the two. */
export function lookAtEveryPage({ dark }: { dark: boolean }) {
  const windows = new Map<Person | undefined, Watched>();
  let server: Server;
  let browser: Awaited<ReturnType<typeof launch>>;

  beforeAll(async () => {
    [server, browser] = await Promise.all([start(), launch()]);
    await exhibit(server);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test.each(SIGHTS)('$name', async (sight) => {
    let watched = windows.get(sight.who);
    if (!watched) {
      watched = await open(browser, server, { dark });
      if (sight.who) await signIn(watched.page, sight.who);
      windows.set(sight.who, watched);
    }
    await visit(watched.page, sight);
    expect(await faults(watched.page)).toEqual([]);
    await sight.undo?.(watched.page);
    expect(watched.complaints.splice(0)).toEqual([]);
  });
}
