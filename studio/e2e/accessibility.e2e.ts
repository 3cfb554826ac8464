// axe on every page, light and dark: nothing serious, nothing critical, and nothing in the console.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { faults, launch, open, signIn, type Watched } from './browser';
import { exhibit } from './exhibits';
import { SIGHTS, visit } from './pages';
import { start, type Person, type Server } from './server';

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

describe.each([{ dark: false }, { dark: true }])('dark: $dark', ({ dark }) => {
  const open_ = new Map<Person | undefined, Watched>();

  afterAll(async () => {
    for (const watched of open_.values()) await watched.context.close();
  });

  test.each(SIGHTS)('$name', async (sight) => {
    let watched = open_.get(sight.who);
    if (!watched) {
      watched = await open(browser, server, { dark });
      if (sight.who) await signIn(watched.page, sight.who);
      open_.set(sight.who, watched);
    }
    await visit(watched.page, sight);
    expect(await faults(watched.page)).toEqual([]);
    expect(watched.complaints.splice(0)).toEqual([]);
  });
});
